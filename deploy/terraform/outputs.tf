output "url" {
  description = "Where the page and the API are."
  value       = "https://${var.domain == null ? module.edge.domain : var.domain}"
}

output "cloudfront_domain" {
  description = "What a name of your own has to point at."
  value       = module.edge.domain
}

output "page" {
  description = "Where the built page goes (web/dist), and what to invalidate then."
  value       = { bucket = module.files.page.name, distribution_id = module.edge.distribution_id }
}

output "services" {
  description = "The cluster and its services."
  value       = { cluster = aws_ecs_cluster.this.name, api = module.api.service_name, workers = { for pool, worker in module.workers : pool => worker.service_name } }
}

output "alarm_topic_arn" {
  description = "Where alarms are said."
  value       = module.alarms.topic_arn
}
