variable "name" {
  description = "Begins the name of everything."
  type        = string
  default     = "meshgen"
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}$", var.name))
    error_message = "Lower-case letters, digits and dashes, at most 19: it becomes part of the names of buckets and load balancers."
  }
}

variable "cidr" {
  description = "Addresses of the VPC, a /16."
  type        = string
  default     = "10.40.0.0/16"
}

variable "zones" {
  description = "Availability zones: Postgres and Redis want two at least."
  type        = number
  default     = 2
  validation {
    condition     = var.zones >= 2 && var.zones <= 4
    error_message = "Two to four."
  }
}

variable "nat_per_zone" {
  description = "A NAT gateway in each zone, so that none depends on another."
  type        = bool
  default     = false
}

variable "domain" {
  description = "A name of your own, or null for CloudFront's. Point it at the output cloudfront_domain."
  type        = string
  default     = null
}

variable "certificate_arn" {
  description = "The certificate of that name, in us-east-1."
  type        = string
  default     = null
  validation {
    condition     = (var.domain == null) == (var.certificate_arn == null)
    error_message = "domain and certificate_arn belong together: CloudFront needs a certificate for a name of your own."
  }
}

variable "auth" {
  description = "MESHGEN_AUTH, on or off. With off, only viewer_cidrs may come."
  type        = string
  default     = "on"
  validation {
    condition     = contains(["on", "off"], var.auth)
    error_message = "on or off."
  }
  validation {
    condition     = var.auth == "on" || length(var.viewer_cidrs) > 0
    error_message = "With auth = \"off\" whoever reaches the API can do everything: name in viewer_cidrs who may."
  }
}

variable "admin_key_secret_arn" {
  description = "A secret of Secrets Manager that holds the first API key (`meshgen admin keys generate`), under the default key of AWS; or null."
  type        = string
  default     = null
}

variable "viewer_cidrs" {
  description = "Who may come, as in 203.0.113.0/24; empty for everybody."
  type        = list(string)
  default     = []
}

variable "requests_per_5_minutes" {
  description = "Requests of one address in five minutes before it is refused."
  type        = number
  default     = 10000
}

variable "images" {
  description = "The images of the API (Dockerfile.api) and of AWS' OpenTelemetry collector."
  type        = object({ api = string, collector = optional(string, "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.3") })
}

variable "api" {
  description = "CPU units and memory of a task of the API, and how many."
  type = object({
    cpu        = number
    memory_mib = number
    tasks      = number
    max_tasks  = number
  })
}

variable "workers" {
  description = "Pools of workers, by name. See modules/workers."
  type = map(object({
    image = string
    machines = object({
      instance_types  = list(string)
      image_parameter = optional(string, "/aws/service/bottlerocket/aws-ecs-3/x86_64/latest/image_id")
      disk_gib        = optional(number, 100)
      spot            = optional(bool, false)
    })
    size = object({
      cpu        = number
      memory_mib = number
      engines    = number
      threads    = number
      gpus       = optional(number, 0)
      cache_gib  = optional(number, 8)
      min_tasks  = number
      max_tasks  = number
    })
  }))
}

variable "scale_out_seconds" {
  description = "How old the oldest job may be before workers are added."
  type        = number
  default     = 15
}

variable "database" {
  description = "How large Postgres is, whether it has a standby, and how many days of backups are kept."
  type = object({
    instance_class = string
    storage_gib    = number
    multi_az       = bool
    backup_days    = number
  })
}

variable "redis" {
  description = "How large Redis is, and its replicas."
  type = object({
    node_type = string
    replicas  = number
  })
}

variable "password_version" {
  description = "A higher number makes a new password for Postgres; restart the services then."
  type        = number
  default     = 1
}

variable "log_level" {
  description = "MESHGEN_LOG_LEVEL."
  type        = string
  default     = "INFO"
}

variable "log_days" {
  description = "How many days of logs are kept."
  type        = number
  default     = 30
}

variable "alarm_emails" {
  description = "Who is told of alarms."
  type        = list(string)
  default     = []
}

variable "deletion_protection" {
  description = "Postgres and the load balancer cannot be destroyed, and Postgres leaves a snapshot."
  type        = bool
  default     = true
}
