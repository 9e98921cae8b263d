variable "name" {
  description = "Begins the name of everything."
  type        = string
}

variable "pool" {
  description = "Which pool: cpu or gpu."
  type        = string
}

variable "image" {
  description = "The image of the worker (Dockerfile.meshgen)."
  type        = string
}

variable "machines" {
  description = "What the workers run on: types in order of preference, the SSM parameter that names the image, the disk, and whether machines beyond the least may be taken away (a job then begins again elsewhere)."
  type = object({
    instance_types  = list(string)
    image_parameter = string
    disk_gib        = number
    spot            = bool
  })
}

variable "size" {
  description = "A task, and how many. engines times threads should be the CPUs of a task; cpu is in units of 1/1024."
  type = object({
    cpu        = number
    memory_mib = number
    engines    = number
    threads    = number
    gpus       = number
    cache_gib  = number
    min_tasks  = number
    max_tasks  = number
  })
  validation {
    condition     = var.size.min_tasks >= 1 && var.size.max_tasks >= var.size.min_tasks
    error_message = "At least one worker is warm at any time, and max_tasks is at least min_tasks."
  }
}

variable "scale_out_seconds" {
  description = "How old the oldest job may be before workers are added."
  type        = number
}

variable "environment" {
  description = "Variables for all processes."
  type        = map(string)
}

variable "secret_arns" {
  description = "Secrets, by the variable that they are for."
  type        = map(string)
}

variable "files" {
  description = "The bucket of CAD and meshes."
  type        = object({ name = string, arn = string })
}

variable "key_arn" {
  description = "The key for what is at rest."
  type        = string
}

variable "servers" {
  description = "Security groups and ports of Postgres and Redis."
  type        = map(object({ id = string, port = number }))
}

variable "cluster" {
  description = "The ECS cluster."
  type        = object({ name = string, arn = string })
}

variable "execution_role_arn" {
  description = "The role with which ECS fetches images and secrets."
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

variable "log_days" {
  description = "How many days of logs are kept."
  type        = number
}
