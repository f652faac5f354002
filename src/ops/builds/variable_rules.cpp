#include "ops/builds/variable_rules.h"

#include "base/url.h"

namespace pkg::ops {
namespace {

void add_credentials(const SecretUrl& url, std::vector<std::string>& secrets) {
  const auto parsed = url::Url::parse(url.with_credentials());
  if (!parsed) return;
  if (parsed->has_password)
    secrets.push_back(parsed->password);
  else if (parsed->has_user)
    secrets.push_back(parsed->user);  // a token stands there alone
}

}  // namespace

builder::VariableRules variable_rules(const BuildOptions& options, const index::Settings& settings) {
  builder::VariableRules rules;
  rules.familiar_only = options.familiar_variables_only;
  rules.given = options.variables;
  for (const auto& index : settings.indexes) add_credentials(index.url, rules.secrets);
  for (const auto& url : settings.find_links) add_credentials(url, rules.secrets);
  for (const auto& url : settings.foreign_urls) add_credentials(url, rules.secrets);
  for (const auto& url : settings.named_urls) add_credentials(url, rules.secrets);
  add_credentials(settings.proxy, rules.secrets);
  return rules;
}

}  // namespace pkg::ops
