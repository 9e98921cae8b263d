output "files" {
  description = "The bucket of CAD and meshes."
  value       = { name = aws_s3_bucket.files.id, arn = aws_s3_bucket.files.arn, domain = aws_s3_bucket.files.bucket_regional_domain_name }
}

output "page" {
  description = "The bucket of the page, and the policy that its own has to include."
  value = {
    name       = aws_s3_bucket.page.id
    arn        = aws_s3_bucket.page.arn
    domain     = aws_s3_bucket.page.bucket_regional_domain_name
    tls_policy = data.aws_iam_policy_document.tls["page"].json
  }
}

output "key_arn" {
  description = "The key for what is at rest."
  value       = aws_kms_key.this.arn
}
