mock_provider "aws" {
  source = "../../tests/mocks"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "../../tests/mocks"
}

variables {
  registry        = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
  tag             = "v1"
  domain          = "mesh.example.com"
  certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
  alarm_emails    = ["operator@example.com"]
}

run "plans" {
  command = plan

  assert {
    condition     = module.meshgen.url == "https://mesh.example.com"
    error_message = "The page is at the domain."
  }
}
