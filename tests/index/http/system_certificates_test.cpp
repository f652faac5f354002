// Where the certificates of authorities are looked for, on the systems there are.

#include "index/http/system_certificates.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/fs.h"
#include "support/printers.h"
#include "support/temp_dir.h"

namespace pkg::index {
namespace {

// A root with such files, and where the certificates in it are found, below it.
std::string found_among(const std::vector<std::string>& files) {
  const test::TempDir root;
  for (const auto& file : files) {
    REQUIRE(fs::make_dirs((root / file).parent_path()).ok());
    REQUIRE(fs::publish(root / file, "x").ok());
  }
  const auto found = system_certificates(root.path());
  return found.empty() ? std::string() : found.lexically_relative(root.path()).string();
}

}  // namespace

TEST_CASE("certificates: the hashed folder where it has hashed names, else the system's file") {
  const std::string debian = "etc/ssl/certs/ca-certificates.crt", fedora = "etc/pki/tls/certs/ca-bundle.crt",
                    extracted = "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", suse = "etc/ssl/ca-bundle.pem",
                    bsd = "etc/ssl/cert.pem";
  CHECK(found_among({"etc/ssl/certs/5ed36f99.0", debian}) == "etc/ssl/certs");
  CHECK(found_among({debian}) == debian);
  CHECK(found_among({"etc/ssl/certs/ca-bundle.crt", "etc/ssl/certs/make-dummy-cert", fedora, bsd}) == fedora);
  CHECK(found_among({extracted}) == extracted);
  CHECK(found_among({suse}) == suse);
  CHECK(found_among({bsd}) == bsd);
  CHECK(found_among({"etc/passwd"}).empty());
}

TEST_CASE("certificates: what looks like a hashed name and is none") {
  for (const char* name : {"5ed36f99.1", "5ed36f9.0", "5ed36f99a.0", "zzzzzzzz.0", "00000000.pem"}) {
    CAPTURE(name);
    CHECK(found_among({std::string("etc/ssl/certs/") + name}).empty());
  }
}

TEST_CASE("certificates: a link that leads nowhere is not taken") {
  const test::TempDir root;
  REQUIRE(fs::make_dirs(root / "etc/ssl/certs").ok());
  std::filesystem::create_symlink(root / "gone", root / "etc/ssl/certs/5ed36f99.0");
  std::filesystem::create_symlink(root / "gone", root / "etc/ssl/certs/ca-certificates.crt");
  CHECK(system_certificates(root.path()).empty());
}

}  // namespace pkg::index
