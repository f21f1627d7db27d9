{{/* Name of the chart, for labels. */}}
{{- define "raftdb.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* What the names of all objects begin with, and the nodes are called. 40 characters leave room for what follows. */}}
{{- define "raftdb.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains (include "raftdb.name" .) .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "raftdb.name" .) | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* The service under whose name the nodes find each other. */}}
{{- define "raftdb.peersName" -}}
{{- include "raftdb.fullname" . }}-peers
{{- end }}

{{/* Its name in the DNS: it stands for all nodes, and behind the name of a pod for that one. */}}
{{- define "raftdb.peersHost" -}}
{{- include "raftdb.peersName" . }}.{{ .Release.Namespace }}.svc.{{ .Values.clusterDomain }}
{{- end }}

{{/* Labels by which services and policies find the nodes; they never change. */}}
{{- define "raftdb.selectorLabels" -}}
app.kubernetes.io/name: {{ include "raftdb.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: node
{{- end }}

{{/* Labels of the pod of `helm test` beside the common ones. */}}
{{- define "raftdb.testLabels" -}}
app.kubernetes.io/name: {{ include "raftdb.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: test
{{- end }}

{{/* Labels of every object. */}}
{{- define "raftdb.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/name: {{ include "raftdb.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "raftdb.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "raftdb.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "raftdb.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{/* How many members the cluster is to have. */}}
{{- define "raftdb.memberCount" -}}
{{- int (default .Values.replicaCount .Values.memberCount) }}
{{- end }}

{{/* Nodes that may be away by intention: a majority stays, and a single node does not block the drain of its machine. */}}
{{- define "raftdb.maxUnavailable" -}}
{{- max 1 (div (sub (int .Values.replicaCount) 1) 2) }}
{{- end }}

{{/* The heap in MiB from the memory limit, empty where there is none. */}}
{{- define "raftdb.heapMib" -}}
{{- $limit := toString (dig "limits" "memory" "" .Values.resources) }}
{{- if $limit }}
{{- $number := float64 (regexFind "^[0-9.]+" $limit) }}
{{- $unit := regexFind "[A-Za-z]*$" $limit }}
{{- $bytes := dict "" 1.0 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "Ki" 1024.0 "Mi" 1048576.0 "Gi" 1073741824.0 "Ti" 1099511627776.0 }}
{{- if not (hasKey $bytes $unit) }}
{{- fail (printf "resources.limits.memory is %q: take a number with Mi or Gi" $limit) }}
{{- end }}
{{- $mib := divf (mulf $number (get $bytes $unit)) 1048576.0 }}
{{- floor (divf (mulf $mib .Values.heapPercent) 100.0) | int }}
{{- end }}
{{- end }}
