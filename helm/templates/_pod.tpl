{{/* A value of `settings` as text: large numbers must not become 1e+06. */}}
{{- define "raftdb.plain" -}}
{{- if kindIs "float64" . }}
{{- printf "%.0f" . }}
{{- else }}
{{- toString . }}
{{- end }}
{{- end }}

{{/* Variables of a node. Those of a ConfigMap are read when a container starts: a change of it restarts nobody. */}}
{{- define "raftdb.environment" -}}
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
# How many empty nodes found the cluster; a node with data, or beside a cluster, ignores it.
- name: RAFTDB_BOOTSTRAP_EXPECT
  valueFrom:
    configMapKeyRef:
      name: {{ include "raftdb.fullname" . }}-members
      key: members
{{- $heap := include "raftdb.heapMib" . }}
{{- if or $heap .Values.nodeOptions }}
- name: NODE_OPTIONS
  value: {{ trim (printf "%s %s" (ternary (printf "--max-old-space-size=%s" $heap) "" (ne $heap "")) .Values.nodeOptions) | quote }}
{{- end }}
{{- if eq .Values.storage.kind "postgres" }}
- name: RAFTDB_POSTGRES_URL
  valueFrom:
    secretKeyRef:
      name: {{ .Values.postgres.existingSecret }}
      key: {{ .Values.postgres.urlKey }}
{{- with .Values.postgres.passwordKey }}
- name: RAFTDB_POSTGRES_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ $.Values.postgres.existingSecret }}
      key: {{ . }}
{{- end }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Start and life depend on the process alone, readiness on a known leader, the storage and the membership. */}}
{{- define "raftdb.probes" -}}
startupProbe:
  httpGet:
    path: /livez
    port: http
  {{- toYaml .Values.probes.startup | nindent 2 }}
livenessProbe:
  httpGet:
    path: /livez
    port: http
  {{- toYaml .Values.probes.liveness | nindent 2 }}
readinessProbe:
  httpGet:
    path: /readyz
    port: http
  {{- toYaml .Values.probes.readiness | nindent 2 }}
{{- end }}

{{/* Of a pod: for the nodes and for the test. */}}
{{- define "raftdb.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: {{ .Values.podSecurityContext.runAsUser }}
runAsGroup: {{ .Values.podSecurityContext.runAsGroup }}
{{- if not (kindIs "invalid" .Values.podSecurityContext.fsGroup) }}
fsGroup: {{ .Values.podSecurityContext.fsGroup }}
# Volumes that belong to the group already are not walked through at every start.
fsGroupChangePolicy: OnRootMismatch
{{- end }}
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* Of a container. */}}
{{- define "raftdb.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* On which machines the nodes run. */}}
{{- define "raftdb.scheduling" -}}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- $term := dict "topologyKey" "kubernetes.io/hostname" "labelSelector" (dict "matchLabels" (include "raftdb.selectorLabels" . | fromYaml)) }}
{{- if eq .Values.podAntiAffinity "hard" }}
affinity:
  podAntiAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      - {{- toYaml $term | nindent 8 }}
{{- else if eq .Values.podAntiAffinity "soft" }}
affinity:
  podAntiAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          {{- toYaml $term | nindent 10 }}
{{- end }}
{{- if or .Values.spreadOverZones .Values.topologySpreadConstraints }}
{{- $selector := dict "labelSelector" (dict "matchLabels" (include "raftdb.selectorLabels" . | fromYaml)) }}
topologySpreadConstraints:
  {{- if .Values.spreadOverZones }}
  - maxSkew: 1
    topologyKey: topology.kubernetes.io/zone
    whenUnsatisfiable: ScheduleAnyway
    {{- toYaml $selector | nindent 4 }}
  {{- end }}
  {{- range .Values.topologySpreadConstraints }}
  - {{- toYaml (merge (deepCopy .) $selector) | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}
