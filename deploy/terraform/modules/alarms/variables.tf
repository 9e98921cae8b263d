variable "name" {
  description = "Begins the name of everything, and is the namespace of our metrics."
  type        = string
}

variable "key_arn" {
  description = "The key for what is at rest."
  type        = string
}

variable "emails" {
  description = "Who is told."
  type        = list(string)
}

variable "balancer" {
  description = "The API's load balancer and its targets, as CloudWatch names them."
  type        = object({ suffix = string, target_suffix = string })
}

variable "database_id" {
  description = "Postgres."
  type        = string
}

variable "redis_ids" {
  description = "The nodes of Redis."
  type        = list(string)
}

variable "cluster_name" {
  description = "The ECS cluster."
  type        = string
}

variable "worker_services" {
  description = "The workers' services, by pool."
  type        = map(string)
}
