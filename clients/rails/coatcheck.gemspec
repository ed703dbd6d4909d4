# frozen_string_literal: true

Gem::Specification.new do |spec|
  spec.name = "coatcheck"
  spec.version = "0.1.0"
  spec.summary = "The session of Rails in Coatcheck, a session store for live views, and a client"
  spec.authors = ["The Coatcheck project"]
  spec.license = "Apache-2.0"
  spec.homepage = "https://git.example/coatcheck"
  spec.required_ruby_version = ">= 3.1"
  spec.files = Dir["lib/**/*.rb"] + ["README.md"]
end
