variable "name" {
  description = "Begins the name of everything."
  type        = string
}

variable "cidr" {
  description = "Addresses of the VPC, a /16."
  type        = string
}

variable "zones" {
  description = "Availability zones."
  type        = number
}

variable "nat_per_zone" {
  description = "A NAT gateway in each zone: none of them then depends on another."
  type        = bool
}
