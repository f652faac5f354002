#include "cli/output/pip_report.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace pkg;

namespace {

json::Json download_info(pep::DirectUrl source) {
  const ops::ReportedDist dist{.source = std::move(source)};
  return cli::pip_report({&dist, 1}, {})["install"][0]["download_info"];
}

}  // namespace

TEST_CASE("pip's report says where an archive, a folder and a revision come from") {
  CHECK(download_info({"https://me:pw@h/a.whl", pep::ArchiveInfo{{{"md5", "1"}, {"sha256", "2"}}}, ""}).dump() ==
        R"({"url":"https://h/a.whl","archive_info":{"hashes":{"md5":"1","sha256":"2"},"hash":"sha256=2"}})");
  CHECK(download_info({"https://h/a.whl", pep::ArchiveInfo{{{"md5", "1"}}}, "sub"}).dump() ==
        R"({"url":"https://h/a.whl","archive_info":{"hashes":{"md5":"1"},"hash":"md5=1"},"subdirectory":"sub"})");
  CHECK(download_info({"https://h/a.whl", pep::ArchiveInfo{}, ""}).dump() ==
        R"({"url":"https://h/a.whl","archive_info":{}})");
  CHECK(download_info({"file:///a", pep::DirInfo{.editable = true}, ""}).dump() ==
        R"({"url":"file:///a","dir_info":{"editable":true}})");
  CHECK(download_info({"https://h/r", pep::VcsInfo{"git", "c0ffee", "v1"}, ""}).dump() ==
        R"({"url":"https://h/r","vcs_info":{"vcs":"git","commit_id":"c0ffee","requested_revision":"v1"}})");
}

TEST_CASE("pip's report says what was asked for") {
  ops::ReportedDist dist{.source = {"file:///a", pep::DirInfo{}, ""}, .is_yanked = true, .requested = true};
  dist.requested_extras = {"x"};
  dist.metadata.fields = {{"name", "a"}};
  const auto report = cli::pip_report({&dist, 1}, {.python_version = "3.12"});
  CHECK(report["version"] == "1");
  CHECK(report["environment"]["python_version"] == "3.12");
  CHECK(report["install"][0].dump() ==
        R"({"download_info":{"url":"file:///a","dir_info":{}},"is_direct":false,"is_yanked":true,"requested":true,)"
        R"("metadata":{"name":"a"},"requested_extras":["x"]})");
}
