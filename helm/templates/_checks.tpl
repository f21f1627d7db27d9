{{/* Refuses values that do not fit together; values.schema.json refuses each that is wrong by itself. */}}
{{- define "raftdb.check" -}}
{{- $count := int .Values.replicaCount }}
{{- if and (eq (mod $count 2) 0) (not .Values.allowEvenReplicas) }}
{{- fail (printf "replicaCount is %d: an even number survives no more losses than %d nodes do. Take an odd number, or set allowEvenReplicas: true" $count (sub $count 1)) }}
{{- end }}
{{- $members := int (include "raftdb.memberCount" .) }}
{{- if gt $members $count }}
{{- fail (printf "memberCount is %d and replicaCount %d: there cannot be more members than nodes" $members $count) }}
{{- end }}
{{- include "raftdb.checkScaleDown" . }}
{{- $stop := add (int .Values.termination.preStopSeconds) (int .Values.termination.shutdownSeconds) }}
{{- if le (int .Values.termination.gracePeriodSeconds) $stop }}
{{- fail (printf "termination.gracePeriodSeconds is %d: it takes more than preStopSeconds and shutdownSeconds together (%d)" (int .Values.termination.gracePeriodSeconds) $stop) }}
{{- end }}
{{- if and (eq .Values.storage.kind "postgres") (not .Values.postgres.existingSecret) }}
{{- fail "storage.kind is postgres: name the secret with the URL of the server in postgres.existingSecret" }}
{{- end }}
{{- if eq (int .Values.ports.http) (int .Values.ports.raft) }}
{{- fail (printf "ports.http and ports.raft are both %d: they take two ports" (int .Values.ports.http)) }}
{{- end }}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) }}
{{- fail "ingress.enabled is true: name at least one host in ingress.hosts" }}
{{- end }}
{{- end }}

{{/*
Kubernetes ends all nodes that are scaled away at once. Where they are half of the members or more, the others have no
majority to remove them with. Only an upgrade of a release that runs can be looked at.
*/}}
{{- define "raftdb.checkScaleDown" -}}
{{- $name := include "raftdb.fullname" . }}
{{- $members := dig "data" "members" "" (lookup "v1" "ConfigMap" .Release.Namespace (printf "%s-members" $name)) }}
{{- if and $members (le (mul 2 (int .Values.replicaCount)) (int $members)) }}
{{- fail (printf "replicaCount is %d and the cluster has %s members: the nodes that stay would have no majority. Set memberCount: %d first and leave replicaCount; once GET /cluster shows %d members, lower replicaCount" (int .Values.replicaCount) $members (int .Values.replicaCount) (int .Values.replicaCount)) }}
{{- end }}
{{- end }}
