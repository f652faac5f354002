// The parts of the client, put together. Everything is made by open(); the network library, threads and folders by their first use.

#include "index/index.h"

#include <utility>

#include "base/hash.h"
#include "base/text.h"
#include "base/url.h"
#include "index/cache.h"
#include "index/download.h"
#include "index/http/client.h"
#include "index/http/curl_transport.h"
#include "index/metadata.h"
#include "index/metadata_cache.h"
#include "index/page_cache.h"
#include "index/sources.h"
#include "index/wheel_source.h"
#include "index/wheel_store.h"
#include "pep/filename.h"

namespace pkg::index {
namespace {

Refresh refresh_of(const Settings& settings) { return {settings.refresh, settings.refresh_names}; }
MetadataOptions metadata_options(const Settings& settings) {
  return {settings.verify_hashes, settings.offline, settings.now, refresh_of(settings)};
}
DownloadOptions download_options(const Settings& settings) {
  DownloadOptions options;
  options.verify_hashes = settings.verify_hashes;
  return options;
}
RecordCheck record_check(const Settings& settings) { return settings.verify_record ? RecordCheck::strict : RecordCheck::relaxed; }

std::vector<pep::FileHash> fragment_hashes(const std::string& url) {
  std::vector<pep::FileHash> hashes;
  const auto parsed = url::Url::parse(url);
  if (!parsed || !parsed->has_fragment) return hashes;
  for (const auto piece : split(parsed->fragment, '&')) {
    const auto equals = std::min(piece.find('='), piece.size());
    const auto algorithm = hash::algorithm_from_name(piece.substr(0, equals));
    if (algorithm && equals < piece.size()) hashes.push_back({*algorithm, to_ascii_lower(piece.substr(equals + 1))});
  }
  return hashes;
}

// A path becomes a "file:" URL; what it names must be there.
Result<std::string> absolute_url(const std::string& given) {
  fs::Path path = given;
  if (url::is_url(given)) {
    if (!given.starts_with("file:")) return given;
    PKG_TRY_ASSIGN(path, url::file_url_to_path(given));
  }
  std::error_code failed;
  const auto absolute = std::filesystem::absolute(path, failed).lexically_normal();
  if (failed || !fs::exists(absolute)) return make_error(ErrorKind::not_found, cat("there is no file ", quote(path.native())));
  if (fs::is_directory(absolute))
    return make_error(ErrorKind::unsupported,
                      cat(quote(path.native()), " is a folder; this version of pkg installs wheels and does not build"));
  const auto fragment = url::is_url(given) ? given.find('#') : std::string::npos;
  return cat(url::path_to_file_url(absolute.native()), fragment == std::string::npos ? "" : given.substr(fragment));
}

}  // namespace

struct Index::State {
  State(Settings given, Cache opened, Reporter& reporter, const CancelToken& cancel)
      : settings(std::move(given)),
        cache(std::move(opened)),
        client(settings, cancel, [&cancel](const TransportSettings& transport) { return make_curl_transport(transport, cancel); }),
        sources(settings, client, PageCache(cache.paths().pages()), reporter),
        downloader(client, cache, reporter, cancel, download_options(settings)),
        store(cache.paths(), 0, settings.now),
        wheels(store, downloader, record_check(settings), settings.offline, refresh_of(settings)),
        metadata_cache(cache.paths().metadata()),
        metadata(client, metadata_cache, wheels, reporter, cancel, metadata_options(settings)),
        reporter_(reporter),
        cancel_(cancel) {}
  // What is under way ends now; after that every part can wait for its own.
  ~State() { client.stop(); }

  const Settings settings;
  Cache cache;
  Client client;
  Sources sources;
  Downloader downloader;
  WheelStore store;
  WheelSource wheels;
  MetadataCache metadata_cache;
  MetadataSource metadata;
  Reporter& reporter_;
  const CancelToken& cancel_;
};

Index::Index(std::unique_ptr<State> state) : state_(std::move(state)) {}
Index::~Index() = default;

Result<std::unique_ptr<Index>> Index::open(Settings settings, Reporter& reporter, const CancelToken& cancel) {
  PKG_TRY_ASSIGN(auto cache, Cache::open(settings.cache_dir));
  return std::unique_ptr<Index>(new Index(std::make_unique<State>(std::move(settings), std::move(cache), reporter, cancel)));
}

void Index::want_projects(std::span<const pep::Name> names) { state_->sources.want(names); }
Result<std::shared_ptr<const Project>> Index::project(const pep::Name& name) { return state_->sources.get(name); }

Result<std::vector<std::string>> Index::also_on(const pep::Name& name) {
  std::vector<std::string> found;
  const Settings& settings = state_->settings;
  if (settings.strategy != Strategy::first_index || settings.indexes.size() < 2 || settings.index_of.contains(name)) return found;
  for (const auto& location : settings.indexes) {
    if (location.is_explicit) continue;
    Settings alone = settings;
    alone.indexes = {location};
    alone.find_links.clear();
    PKG_TRY_ASSIGN(const auto index, open(std::move(alone), state_->reporter_, state_->cancel_));
    const auto project = index->project(name);
    if (project && (*project)->found()) found.push_back(quote(location.name.empty() ? url::redact(location.url) : location.name));
  }
  if (!found.empty()) found.erase(found.begin());  // the one that counts
  return found;
}

void Index::want_metadata(std::span<const pep::DistFile* const> files) {
  for (const auto* file : files) state_->metadata.start(*file, [](const Result<MetadataResult>&) {});
}
Result<MetadataResult> Index::metadata(const pep::DistFile& file) { return state_->metadata.get(file); }

void Index::want_wheels(std::span<const pep::DistFile* const> files) { state_->wheels.want(files); }
Result<std::shared_ptr<const pep::UnpackedWheel>> Index::wheel(const pep::DistFile& file) { return state_->wheels.get(file); }
Result<std::shared_ptr<const pep::UnpackedWheel>> Index::heal_wheel(const pep::DistFile& file) { return state_->wheels.heal(file); }

Result<std::filesystem::path> Index::download(const pep::DistFile& file, const std::filesystem::path& directory) {
  if (file.file_name.empty() || file.file_name == "." || file.file_name == ".." || file.file_name.find('/') != std::string::npos)
    return make_error(ErrorKind::bad_data, cat(quote(file.file_name), " is not a plain file name"));
  if (state_->settings.offline && !file.url.starts_with("file:"))
    return make_error(ErrorKind::not_found, cat("the file ", quote(file.file_name), " cannot be fetched with --offline"));
  PKG_TRY_ASSIGN(auto artifact, state_->downloader.get(file));
  PKG_TRY(fs::make_dirs(directory));
  const auto path = directory / file.file_name;
  PKG_TRY(fs::publish(path, artifact.bytes()));
  return path;
}

Result<pep::DistFile> Index::direct_file(const std::string& given) {
  PKG_TRY_ASSIGN(auto url, absolute_url(given));
  pep::DistFile file;
  file.hashes = fragment_hashes(url);
  file.url = url.substr(0, url.find('#'));
  file.file_name = url::file_name(file.url);
  if (file.file_name.ends_with(".whl")) {
    PKG_TRY_ASSIGN(auto wheel, pep::WheelName::parse(file.file_name));
    file.project = std::move(wheel.name);
    file.version = std::move(wheel.version);
    return file;
  }
  auto sdist = pep::SdistName::parse(file.file_name);
  if (!sdist) return make_error(ErrorKind::unsupported, cat(quote(url::redact(given)), " names neither a wheel nor a source distribution"));
  file.kind = pep::DistKind::sdist;
  file.project = std::move(sdist->name);
  file.version = std::move(sdist->version);
  return file;
}

}  // namespace pkg::index
