variable "name" {
  description = "Begins the name of everything."
  type        = string
}

variable "page" {
  description = "The bucket of the page."
  type        = object({ name = string, arn = string, domain = string, tls_policy = string })
}

variable "files_domain" {
  description = "The host of presigned URLs, which the page may speak to."
  type        = string
}

variable "balancer" {
  description = "The API's load balancer."
  type        = object({ arn = string, dns_name = string })
}

variable "domain" {
  description = "A name of your own, or null for CloudFront's."
  type        = string
}

variable "certificate_arn" {
  description = "Its certificate, in us-east-1, or null."
  type        = string
}

variable "viewer_cidrs" {
  description = "Who may come; empty for everybody."
  type        = list(string)
}

variable "requests_per_5_minutes" {
  description = "Requests of one address in five minutes."
  type        = number
}
