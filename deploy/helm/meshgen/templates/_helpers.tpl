{{- define "meshgen.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{/* What a selector names: it never changes. Takes a dict of root and component. */}}
{{- define "meshgen.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "meshgen.labels" -}}
{{ include "meshgen.selector" . }}
app.kubernetes.io/version: {{ .root.Values.image.tag | default .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{/* Takes a dict of root, repository and tag. */}}
{{- define "meshgen.image" -}}
{{- with .root.Values.image.registry }}{{ . }}/{{ end }}{{ .repository }}:{{ .tag | default .root.Values.image.tag | default .root.Chart.AppVersion }}
{{- end }}

{{/* A pod that is nobody, and cannot become anybody. RuntimeDefault lets the engines fence themselves in with Landlock and
seccomp where containerd is 1.7 or newer: see README.md. */}}
{{- define "meshgen.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "meshgen.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{/* One of the two copies may be away, and the other is on another node where there is one. */}}
{{- define "meshgen.spread" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "meshgen.selector" . | nindent 8 }}
{{- end }}

{{/* A map of variables, by name. */}}
{{- define "meshgen.map" -}}
{{- range $name, $value := . }}
- {name: {{ $name }}, value: {{ $value | toString | quote }}}
{{- end }}
{{- end }}

{{/* A variable from the Secret. Takes a dict of root, name and key. */}}
{{- define "meshgen.fromSecret" -}}
- name: {{ .name }}
  valueFrom: {secretKeyRef: {name: {{ .root.Values.secret.name }}, key: {{ .key }}}}
{{- end }}

{{- define "meshgen.postgres" -}}
{{ include "meshgen.fromSecret" (dict "root" . "name" "MESHGEN_DATABASE_URL" "key" "database-url") }}
{{- end }}

{{- define "meshgen.s3" -}}
- {name: MESHGEN_S3_BUCKET, value: {{ .Values.s3.bucket | quote }}}
- {name: MESHGEN_S3_REGION, value: {{ .Values.s3.region | quote }}}
- {name: MESHGEN_S3_PATH_STYLE, value: {{ .Values.s3.pathStyle | quote }}}
- {name: MESHGEN_S3_CORS_ORIGINS, value: {{ join "," .Values.s3.corsOrigins | quote }}}
{{- with .Values.s3.endpoint }}
- {name: MESHGEN_S3_ENDPOINT, value: {{ . | quote }}}
{{- end }}
{{- with .Values.s3.publicEndpoint }}
- {name: MESHGEN_S3_PUBLIC_ENDPOINT, value: {{ . | quote }}}
{{- end }}
{{- if .Values.s3.keysFromSecret }}
{{ include "meshgen.fromSecret" (dict "root" . "name" "MESHGEN_S3_ACCESS_KEY" "key" "s3-access-key") }}
{{ include "meshgen.fromSecret" (dict "root" . "name" "MESHGEN_S3_SECRET_KEY" "key" "s3-secret-key") }}
{{- end }}
{{- end }}

{{/* What the API and the workers share. */}}
{{- define "meshgen.environment" -}}
- {name: MESHGEN_LOG_LEVEL, value: {{ .Values.logLevel | quote }}}
{{ include "meshgen.postgres" . }}
{{ include "meshgen.fromSecret" (dict "root" . "name" "REDIS_PASSWORD" "key" "redis-password") }}
- name: MESHGEN_REDIS_URL
  value: {{ printf "%s://%s:$(REDIS_PASSWORD)@%s:%d/%d" (ternary "rediss" "redis" .Values.redis.tls) .Values.redis.username (required "redis.host is where Redis is: it must be set" .Values.redis.host) (int .Values.redis.port) (int .Values.redis.database) | quote }}
- {name: MESHGEN_REDIS_PREFIX, value: {{ .Values.redis.prefix | quote }}}
- {name: MESHGEN_REDIS_ALLOW_VOLATILE, value: {{ .Values.redis.allowVolatile | quote }}}
{{ include "meshgen.s3" . }}
{{- include "meshgen.map" .Values.env }}
{{- end }}

{{/* The pools of workers that are switched on, as a dict of name and pool. */}}
{{- define "meshgen.pools" -}}
{{- $on := dict }}
{{- range $name, $pool := .Values.workers }}{{ if $pool.enabled }}{{ $_ := set $on $name $pool }}{{ end }}{{ end }}
{{- toYaml $on }}
{{- end }}
