// A place for each kind of object that matters; everything else is `ignored` until it ends.

#include "index/simple/json_page.h"

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <array>

#include "base/check.h"
#include "base/text.h"
#include "base/time.h"
#include "base/utf8.h"
#include "index/simple/link_url.h"

namespace pkg::index {
namespace {

constexpr std::size_t kMaxDepth = 64;

enum class Where : std::uint8_t { outside, page, meta, status, files, file, hashes, metadata, ignored };
enum class Field : std::uint8_t {
  other,
  meta,
  name,
  files,
  project_status,
  api_version,
  status,
  reason,
  filename,
  url,
  hashes,
  requires_python,
  yanked,
  core_metadata,
  dist_info_metadata,
  size,
  upload_time
};

Field file_field(std::string_view key) {
  if (key == "filename") return Field::filename;
  if (key == "url") return Field::url;
  if (key == "hashes") return Field::hashes;
  if (key == "requires-python") return Field::requires_python;
  if (key == "yanked") return Field::yanked;
  if (key == "core-metadata") return Field::core_metadata;
  if (key == "dist-info-metadata" || key == "data-dist-info-metadata") return Field::dist_info_metadata;
  if (key == "size") return Field::size;
  if (key == "upload-time") return Field::upload_time;
  return Field::other;
}

Field field_of(Where where, std::string_view key) {
  if (where == Where::file) return file_field(key);
  if (where == Where::page) {
    if (key == "meta") return Field::meta;
    if (key == "name") return Field::name;
    if (key == "files") return Field::files;
    if (key == "project-status") return Field::project_status;
  }
  if (where == Where::meta && key == "api-version") return Field::api_version;
  if (where == Where::status && key == "status") return Field::status;
  if (where == Where::status && key == "reason") return Field::reason;
  return Field::other;
}

// What rapidjson calls. Returning false ends the parse.
class Handler {
 public:
  Handler(const std::string& url, const LinkSink& sink) : base_(url), sink_(sink) {}

  bool Null() { return inside(); }
  bool Bool(bool value) {
    if (here() != Where::file) return inside();
    if (field_ == Field::yanked && value) link_.yanked.emplace();
    if (field_ == Field::core_metadata) set_metadata(value);
    if (field_ == Field::dist_info_metadata && !core_metadata_seen_) link_.has_metadata = value;
    return true;
  }
  bool Int(int) { return inside(); }
  bool Uint(unsigned value) { return Uint64(value); }
  bool Int64(std::int64_t) { return inside(); }
  bool Uint64(std::uint64_t value) {
    if (here() == Where::file && field_ == Field::size) link_.size_bytes = value;
    return inside();
  }
  bool Double(double) { return inside(); }
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return inside(); }
  bool String(const char* data, rapidjson::SizeType size, bool) {
    text({data, size});
    return inside();
  }
  bool Key(const char* data, rapidjson::SizeType size, bool) {
    const std::string_view key(data, size);
    if (here() == Where::hashes || here() == Where::metadata)
      hash_name_.assign(key);
    else
      field_ = field_of(here(), key);
    return true;
  }
  bool StartObject() { return enter(object_here()); }
  bool EndObject(rapidjson::SizeType) {
    if (here() == Where::file) finish_file();
    return leave();
  }
  bool StartArray() {
    const bool lists_files = here() == Where::page && field_ == Field::files;
    head.is_listing = head.is_listing || lists_files;
    return enter(lists_files ? Where::files : Where::ignored);
  }
  bool EndArray(rapidjson::SizeType) { return leave(); }

  PageHead head;
  bool saw_page = false, too_deep = false;

 private:
  Where here() const { return stack_[depth_]; }
  bool inside() const { return depth_ > 0; }  // a page is an object
  bool enter(Where where) {
    if (depth_ + 1 >= stack_.size()) {
      too_deep = true;
      return false;
    }
    stack_[++depth_] = where;
    return saw_page;
  }
  bool leave() {
    --depth_;
    field_ = Field::other;
    return true;
  }

  Where object_here() {
    switch (here()) {
      case Where::outside:
        saw_page = true;
        return Where::page;
      case Where::page:
        if (field_ == Field::meta) return Where::meta;
        return field_ == Field::project_status ? Where::status : Where::ignored;
      case Where::files:
        link_.clear();
        url_.clear();
        core_metadata_seen_ = false;
        return Where::file;
      case Where::file:
        return object_in_file();
      default:
        return Where::ignored;
    }
  }
  Where object_in_file() {
    if (field_ == Field::hashes) return Where::hashes;
    if (field_ == Field::core_metadata) {
      set_metadata(true);
      return Where::metadata;
    }
    if (field_ != Field::dist_info_metadata || core_metadata_seen_) return Where::ignored;
    link_.has_metadata = true;
    return Where::metadata;
  }
  void set_metadata(bool exists) {  // PEP 714: this key counts, not the older one
    core_metadata_seen_ = true;
    link_.has_metadata = exists;
    link_.metadata_hashes.clear();
  }

  void text(std::string_view value) {
    switch (here()) {
      case Where::hashes:
        link_.hashes.emplace_back(hash_name_, std::string(value));
        break;
      case Where::metadata:
        link_.metadata_hashes.emplace_back(hash_name_, std::string(value));
        break;
      case Where::page:
        if (field_ == Field::name) head.name = value;
        break;
      case Where::meta:
        if (field_ == Field::api_version) head.api_version = value;
        break;
      case Where::status:
        if (field_ == Field::status) head.status = value;
        if (field_ == Field::reason) head.status_reason = value;
        break;
      case Where::file:
        file_text(value);
        break;
      default:
        break;
    }
  }
  void file_text(std::string_view value) {
    if (field_ == Field::filename) link_.announced_name.assign(value);
    if (field_ == Field::url) url_.assign(value);
    if (field_ == Field::requires_python) link_.requires_python.assign(value);
    if (field_ == Field::yanked && !value.empty()) link_.yanked.emplace(value);
    if (field_ == Field::upload_time) link_.upload_time = time::parse_rfc3339(value);
  }

  void finish_file() {
    if (url_.empty() || !base_.resolve(url_, link_)) return;
    if (!link_.fragment.empty()) read_fragment_hash(link_.fragment, link_.hashes);
    sink_(link_);
  }

  const LinkBase base_;
  const LinkSink& sink_;
  std::array<Where, kMaxDepth + 1> stack_{Where::outside};
  std::size_t depth_ = 0;
  Field field_ = Field::other;
  Link link_;
  std::string url_, hash_name_;
  bool core_metadata_seen_ = false;
};

// RapidJSON stops at the NUL wherever it looks at a byte, but takes what follows the first byte of a UTF-8 sequence
// without a look, and writes it back: of a text that ends inside one, it would take what lies behind the NUL.
bool ends_inside_sequence(std::string_view text) {
  for (std::size_t left = 1; left <= 3 && left <= text.size(); ++left)
    if (utf8_length(text[text.size() - left]) > left) return true;
  return false;
}

}  // namespace

Result<PageHead> parse_json_page(std::span<char> body, const std::string& url, const LinkSink& sink) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (std::string_view(body.data(), body.size()).starts_with(kByteOrderMark))
    body = body.subspan(kByteOrderMark.size());
  PKG_CHECK(body.data()[body.size()] == '\0');
  if (ends_inside_sequence({body.data(), body.size()}))
    return make_error(ErrorKind::bad_data, "the page is malformed JSON: it ends inside a UTF-8 sequence");
  Handler handler(url, sink);
  rapidjson::InsituStringStream stream(body.data());
  rapidjson::Reader reader;
  constexpr unsigned kFlags =
      rapidjson::kParseInsituFlag | rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  const auto result = reader.Parse<kFlags>(stream, handler);
  if (handler.too_deep) return make_error(ErrorKind::bad_data, cat("the page is nested deeper than ", kMaxDepth));
  if (!handler.saw_page) return make_error(ErrorKind::bad_data, "the page is no JSON object");
  if (result.IsError())
    return make_error(ErrorKind::bad_data,
                      cat("the page is malformed JSON: ", rapidjson::GetParseError_En(result.Code()), " (byte ",
                          static_cast<std::uint64_t>(result.Offset()), ")"));
  return std::move(handler.head);
}

}  // namespace pkg::index
