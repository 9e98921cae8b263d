variable "name" {
  description = "Begins the name of everything."
  type        = string
}

variable "image" {
  description = "The image of the API (Dockerfile.api)."
  type        = string
}

variable "collector_image" {
  description = "The OpenTelemetry collector of AWS."
  type        = string
}

variable "size" {
  description = "CPU units and memory of a task, and how many tasks."
  type = object({
    cpu        = number
    memory_mib = number
    tasks      = number
    max_tasks  = number
  })
}

variable "auth" {
  description = "MESHGEN_AUTH."
  type        = string
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

variable "deletion_protection" {
  description = "The load balancer cannot be destroyed."
  type        = bool
}
