variable "region" {
  description = "Where it runs."
  type        = string
  default     = "eu-central-1"
}

variable "registry" {
  description = "Where the images are, as in 123456789012.dkr.ecr.eu-central-1.amazonaws.com."
  type        = string
}

variable "tag" {
  description = "The version of the images."
  type        = string
}
