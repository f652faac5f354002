#include "index/remote/s3_credentials.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <map>

#include "base/fs.h"
#include "base/text.h"
#include "support/printers.h"
#include "support/temp_dir.h"

namespace pkg::index {
namespace {

struct World {
  test::TempDir dir;
  std::map<std::string, std::string> variables;

  World() { variables["HOME"] = dir.path().native(); }
  void file(const std::string& name, const std::string& text, int mode = 0600) {
    REQUIRE_OK(fs::make_dirs((dir / name).parent_path()));
    REQUIRE_OK(fs::publish(dir / name, text));
    REQUIRE(::chmod((dir / name).c_str(), static_cast<mode_t>(mode)) == 0);
  }
  Result<S3Identity> find() {
    return find_s3_identity([this](const char* name) -> const char* {
      const auto found = variables.find(name);
      return found == variables.end() ? nullptr : found->second.c_str();
    });
  }
};

}  // namespace

TEST_CASE_FIXTURE(World, "without variables and files nobody is anybody") {
  const auto identity = find();
  REQUIRE_OK(identity);
  CHECK_FALSE(identity->credentials.has_value());
  CHECK_FALSE(identity->web_identity.has_value());
  CHECK(identity->region.empty());
}

TEST_CASE_FIXTURE(World, "variables go before a web identity, that before files") {
  file(".aws/credentials", "[default]\naws_access_key_id = FILE\naws_secret_access_key = s1\n");
  CHECK(find()->credentials->access_key == "FILE");
  variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/run/token";
  CHECK(find()->credentials->access_key == "FILE");  // without a role it is none
  variables["AWS_ROLE_ARN"] = "arn:role";
  CHECK_FALSE(find()->credentials.has_value());
  CHECK(find()->web_identity->role_arn == "arn:role");
  CHECK(find()->web_identity->session_name == "pkg");
  variables["AWS_ACCESS_KEY_ID"] = "VARIABLE";
  CHECK_FALSE(find()->credentials.has_value());  // half of a pair
  variables["AWS_SECRET_ACCESS_KEY"] = "s2\n";
  variables["AWS_SESSION_TOKEN"] = "t";
  const auto identity = find();
  CHECK(identity->credentials->access_key == "VARIABLE");
  CHECK(identity->credentials->secret_key == "s2");
  CHECK(identity->credentials->session_token == "t");
  CHECK_FALSE(identity->web_identity.has_value());
}

TEST_CASE_FIXTURE(World, "a profile is looked for in both files; the region is taken from there, too") {
  file(".aws/credentials", "[default]\naws_access_key_id=A\naws_secret_access_key=B\n[ci]\naws_access_key_id = C\n");
  file(".aws/config",
       "[default]\nregion = eu-west-1\n[profile ci]\nregion=eu-north-1\naws_access_key_id=E\naws_secret_access_key=F\n"
       "s3 =\n  region = not-this\nendpoint_url = http://127.0.0.1:9\n");
  CHECK(find()->region == "eu-west-1");
  CHECK(find()->credentials->access_key == "A");
  variables["AWS_PROFILE"] = "ci";
  CHECK(find()->region == "eu-north-1");
  CHECK(find()->credentials->access_key == "E");  // C has no secret
  CHECK(find()->endpoint == "http://127.0.0.1:9");
  variables["AWS_REGION"] = "us-west-2";
  variables["AWS_ENDPOINT_URL_S3"] = "http://127.0.0.1:10";
  CHECK(find()->region == "us-west-2");
  CHECK(find()->endpoint == "http://127.0.0.1:10");
}

TEST_CASE_FIXTURE(World, "files that others may write say nobody who we are") {
  file(".aws/credentials", "[default]\naws_access_key_id=A\naws_secret_access_key=B\n", 0622);
  CHECK(find().error().kind == ErrorKind::bad_data);
  variables["AWS_SHARED_CREDENTIALS_FILE"] = (dir / "other").native();
  file("other", "[default]\naws_access_key_id=C\naws_secret_access_key=D\n");
  CHECK(find()->credentials->access_key == "C");
}

TEST_CASE("files of the AWS tools are read as those read them, and nothing in them is too much") {
  const auto sections =
      parse_aws_file("before = x\n# c\n; c\n[ a ]\nKey = v = w \n  nested = 1\nbroken\n[profile b]\n[");
  CHECK(sections.at("a") == std::map<std::string, std::string>{{"key", "v = w"}});
  CHECK(sections.contains("b"));
  CHECK(sections.size() == 3);
  std::string many;
  for (int i = 0; i < 5000; ++i) append(many, "[s", i, "]\nk=v\n");
  CHECK(parse_aws_file(many).size() == 1000);
}

TEST_CASE("a role's answer gives credentials, or says why not") {
  const auto found = credentials_of_answer(
      "<A><AssumeRoleWithWebIdentityResult><Credentials><SessionToken>a&amp;b</SessionToken>"
      "<SecretAccessKey> s </SecretAccessKey><Expiration>2030-01-01T00:00:00Z</Expiration><AccessKeyId>K</AccessKeyId>"
      "</Credentials></AssumeRoleWithWebIdentityResult></A>");
  REQUIRE_OK(found);
  CHECK(found->access_key == "K");
  CHECK(found->secret_key == "s");
  CHECK(found->session_token == "a&b");
  CHECK(found->expires_at == 1'893'456'000);
  const auto refused = credentials_of_answer("<Error><Code>ExpiredToken</Code></Error>");
  CHECK(refused.error().message.find("ExpiredToken") != std::string::npos);
  CHECK_FALSE(credentials_of_answer("<AccessKeyId>K</AccessKeyId><SecretAccessKey>").ok());
  CHECK(web_identity_form({"/t", "arn:x/y", "s"}, "a+b") ==
        "Action=AssumeRoleWithWebIdentity&RoleArn=arn%3Ax%2Fy&RoleSessionName=s&Version=2011-06-15&"
        "WebIdentityToken=a%2Bb");
}

}  // namespace pkg::index
