#include "lock/sbom.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "lock/lock_texts.h"

namespace {

using namespace pkg;

lock::LockFile example() {
  return test::lock_from(
      cat(test::wheel_package("a", "1+l", "dependencies = [{ name = \"b\", version = \"2\" }, { name = \"c\" }]\n"),
          test::wheel_package("b", "2", "marker = \"python_full_version >= '3.12'\"\n"),
          test::wheel_package("b", "1", "marker = \"python_full_version < '3.12'\"\n"),
          "[[packages]]\nname = \"c\"\nvcs = { type = \"git\", url = \"https://code.example/c.git\", commit-id = "
          "\"cafe\" }\n",
          "[[packages]]\nname = \"d\"\ndirectory = { path = \"./my libs\", editable = true }\n",
          "[[packages]]\nname = \"e\"\nversion = \"1\"\nsdist = { path = \"dist/e-1.tar.gz\", hashes = { md5 = \"12\", "
          "sha256 = \"",
          test::sha('e'),
          "\" } }\nwheels = [{ url = \"https://files.example/e-1-py3-none-any.whl\", hashes = { sha512 = \"",
          std::string(128, '5'), "\" } }]\n"));
}

}  // namespace

TEST_CASE("a bill of materials tells each package once, with files, hashes and what it needs") {
  CHECK(lock::cyclonedx_json(
            example(), {.project = "demo", .project_version = "0.1", .tool_version = "9", .timestamp = 1714566600}) ==
        R"json({
  "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
  "bomFormat": "CycloneDX",
  "specVersion": "1.6",
  "serialNumber": "urn:uuid:ac725418-73dc-83be-a74c-6ee709664638",
  "version": 1,
  "metadata": {
    "timestamp": "2024-05-01T12:30:00Z",
    "tools": {
      "components": [
        {
          "type": "application",
          "name": "pkg",
          "version": "9"
        }
      ]
    },
    "component": {
      "type": "application",
      "bom-ref": "project:demo",
      "name": "demo",
      "version": "0.1"
    }
  },
  "components": [
    {
      "type": "library",
      "bom-ref": "pkg:pypi/a@1%2Bl",
      "name": "a",
      "version": "1+l",
      "hashes": [
        {
          "alg": "SHA-256",
          "content": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        }
      ],
      "purl": "pkg:pypi/a@1%2Bl",
      "externalReferences": [
        {
          "type": "distribution",
          "url": "https://files.example/a-1+l-py3-none-any.whl",
          "hashes": [
            {
              "alg": "SHA-256",
              "content": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            }
          ]
        }
      ]
    },
    {
      "type": "library",
      "bom-ref": "pkg:pypi/b@2",
      "name": "b",
      "version": "2",
      "hashes": [
        {
          "alg": "SHA-256",
          "content": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        }
      ],
      "purl": "pkg:pypi/b@2",
      "externalReferences": [
        {
          "type": "distribution",
          "url": "https://files.example/b-2-py3-none-any.whl",
          "hashes": [
            {
              "alg": "SHA-256",
              "content": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            }
          ]
        }
      ],
      "properties": [
        {
          "name": "pkg:marker",
          "value": "python_full_version >= \"3.12\""
        }
      ]
    },
    {
      "type": "library",
      "bom-ref": "pkg:pypi/b@1",
      "name": "b",
      "version": "1",
      "hashes": [
        {
          "alg": "SHA-256",
          "content": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        }
      ],
      "purl": "pkg:pypi/b@1",
      "externalReferences": [
        {
          "type": "distribution",
          "url": "https://files.example/b-1-py3-none-any.whl",
          "hashes": [
            {
              "alg": "SHA-256",
              "content": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            }
          ]
        }
      ],
      "properties": [
        {
          "name": "pkg:marker",
          "value": "python_full_version < \"3.12\""
        }
      ]
    },
    {
      "type": "library",
      "bom-ref": "pkg:pypi/c?vcs_url=git%2Bhttps%3A%2F%2Fcode.example%2Fc.git%40cafe",
      "name": "c",
      "purl": "pkg:pypi/c?vcs_url=git%2Bhttps%3A%2F%2Fcode.example%2Fc.git%40cafe",
      "externalReferences": [
        {
          "type": "vcs",
          "url": "https://code.example/c.git"
        }
      ]
    },
    {
      "type": "library",
      "bom-ref": "pkg:pypi/d",
      "name": "d",
      "purl": "pkg:pypi/d",
      "externalReferences": [
        {
          "type": "other",
          "url": "./my%20libs",
          "comment": "source folder"
        }
      ],
      "properties": [
        {
          "name": "pkg:editable",
          "value": "true"
        }
      ]
    },
    {
      "type": "library",
      "bom-ref": "pkg:pypi/e@1",
      "name": "e",
      "version": "1",
      "purl": "pkg:pypi/e@1",
      "externalReferences": [
        {
          "type": "distribution",
          "url": "dist/e-1.tar.gz",
          "hashes": [
            {
              "alg": "SHA-256",
              "content": "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
            }
          ]
        },
        {
          "type": "distribution",
          "url": "https://files.example/e-1-py3-none-any.whl",
          "hashes": [
            {
              "alg": "SHA-512",
              "content": "55555555555555555555555555555555555555555555555555555555555555555555555555555555555555555555555555555555555555555555555555555555"
            }
          ]
        }
      ]
    }
  ],
  "dependencies": [
    {
      "ref": "project:demo",
      "dependsOn": [
        "pkg:pypi/a@1%2Bl",
        "pkg:pypi/d",
        "pkg:pypi/e@1"
      ]
    },
    {
      "ref": "pkg:pypi/a@1%2Bl",
      "dependsOn": [
        "pkg:pypi/b@2",
        "pkg:pypi/c?vcs_url=git%2Bhttps%3A%2F%2Fcode.example%2Fc.git%40cafe"
      ]
    },
    {
      "ref": "pkg:pypi/b@2",
      "dependsOn": []
    },
    {
      "ref": "pkg:pypi/b@1",
      "dependsOn": []
    },
    {
      "ref": "pkg:pypi/c?vcs_url=git%2Bhttps%3A%2F%2Fcode.example%2Fc.git%40cafe",
      "dependsOn": []
    },
    {
      "ref": "pkg:pypi/d",
      "dependsOn": []
    },
    {
      "ref": "pkg:pypi/e@1",
      "dependsOn": []
    }
  ]
}
)json");
}

TEST_CASE("the serial number follows from the content alone") {
  const auto serial = [](const lock::LockFile& lock) {
    return json::parse(lock::cyclonedx_json(lock, {})).value().at("serialNumber").get<std::string>();
  };
  auto other = example();
  other.packages[1].version = pep::Version::parse("3").value();
  CHECK(serial(example()) == serial(example()));
  CHECK(serial(example()) != serial(other));
  CHECK(serial(example()).substr(0, 9) == "urn:uuid:");
  CHECK(serial(example()).size() == 45);
  CHECK(serial(example())[23] == '8');
}

TEST_CASE("one version from two places is two components with references of their own") {
  auto lock = example();
  lock.packages.push_back(lock.packages[1]);
  const auto document = json::parse(lock::cyclonedx_json(lock, {})).value();
  CHECK(document.at("components").at(6).at("bom-ref") == "pkg:pypi/b@2#2");
  CHECK(document.at("dependencies").at(0).at("dependsOn") ==
        json::Json({"pkg:pypi/b@2", "pkg:pypi/b@2#2", document.at("components").at(3).at("bom-ref")}));
}

TEST_CASE("without a project nothing is said of one") {
  const auto document = json::parse(lock::cyclonedx_json(example(), {})).value();
  CHECK(!document.at("metadata").contains("component"));
  CHECK(!document.at("metadata").contains("timestamp"));
  CHECK(document.at("dependencies").size() == 6);
}
