variable "name" {
  description = "Begins the name of everything."
  type        = string
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets."
  type        = list(string)
}

variable "key_arn" {
  description = "The key for what is at rest."
  type        = string
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
  description = "How large Redis is, and its replicas. Without one, what it holds is gone with its node."
  type = object({
    node_type = string
    replicas  = number
  })
}

variable "password_version" {
  description = "A higher number makes a new password for Postgres."
  type        = number
}

variable "deletion_protection" {
  description = "Postgres cannot be destroyed, and leaves a snapshot."
  type        = bool
}
