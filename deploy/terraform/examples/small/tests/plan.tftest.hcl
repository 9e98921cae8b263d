mock_provider "aws" {
  source = "../../tests/mocks"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "../../tests/mocks"
}

variables {
  registry     = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
  tag          = "v1"
  viewer_cidrs = ["203.0.113.0/24"]
}

run "plans" {
  command = plan
}
