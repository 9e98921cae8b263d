variable "needed" {
  description = "Is needed."
  type        = string
}

output "there" {
  description = "Is there."
  value       = var.needed
}
