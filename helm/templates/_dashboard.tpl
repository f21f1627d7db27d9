{{/* The Grafana dashboard as JSON, made from files/panels.yaml. */}}
{{- define "raftdb.dashboard" -}}
{{- $source := dict "type" "prometheus" "uid" "${datasource}" }}
{{- $panels := list }}
{{- range $place, $panel := .Files.Get "files/panels.yaml" | fromYamlArray }}
{{- $targets := list }}
{{- range $number, $query := $panel.queries }}
{{- $expr := $query.expr | replace "SELECTOR" "namespace=\"$namespace\", job=\"$job\"" }}
{{- $targets = append $targets (dict "refId" (printf "Q%d" $number) "datasource" $source "expr" $expr "legendFormat" $query.legend) }}
{{- end }}
{{- $position := dict "h" 8 "w" 12 "x" (mul 12 (mod $place 2)) "y" (mul 8 (div $place 2)) }}
{{- $field := dict "defaults" (dict "unit" (default "none" $panel.unit) "min" 0) "overrides" list }}
{{- $panels = append $panels (dict "id" (add1 $place) "type" "timeseries" "title" $panel.title "description" (default "" $panel.description) "datasource" $source "gridPos" $position "fieldConfig" $field "targets" $targets) }}
{{- end }}
{{- $variables := list (dict "name" "datasource" "type" "datasource" "query" "prometheus" "label" "Data source") }}
{{- $queries := list (list "namespace" "label_values(raftdb_info, namespace)") (list "job" "label_values(raftdb_info{namespace=\"$namespace\"}, job)") }}
{{- range $queries }}
{{- $variables = append $variables (dict "name" (first .) "type" "query" "label" (first . | title) "datasource" $source "query" (last .) "refresh" 2) }}
{{- end }}
{{- dict "uid" "raftdb" "title" "raftdb" "tags" (list "raftdb") "schemaVersion" 39 "refresh" "30s" "time" (dict "from" "now-6h" "to" "now") "templating" (dict "list" $variables) "panels" $panels | toPrettyJson }}
{{- end }}
