// The parts of the client, put together. Everything is made by open(); the network library, threads and folders by
// their first use.

#include "index/index.h"

#include <utility>

#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/url.h"
#include "index/cache/cache.h"
#include "index/cache/page_cache.h"
#include "index/download.h"
#include "index/http/client.h"
#include "index/http/curl_transport.h"
#include "index/http_calls.h"
#include "index/metadata/metadata.h"
#include "index/metadata/metadata_cache.h"
#include "index/remote/remote_cache.h"
#include "index/remote/shared_builds.h"
#include "index/sdist_store.h"
#include "index/sources.h"
#include "index/tree_source.h"
#include "index/wheels/wheel_source.h"
#include "index/wheels/wheel_store.h"
#include "pep/filename.h"
#include "pep/source_url.h"

namespace pkg::index {
namespace {

constexpr double kPutsPatienceSeconds = 3;  // for what is still being put into the remote cache when a command ends

Refresh refresh_of(const Settings& settings) { return {settings.refresh, settings.refresh_names}; }
MetadataOptions metadata_options(const Settings& settings) {
  return {settings.verify_hashes, settings.offline, settings.now, refresh_of(settings)};
}
DownloadOptions download_options(const Settings& settings) {
  DownloadOptions options;
  options.verify_hashes = settings.verify_hashes;
  options.remote_alone = settings.remote.alone;
  return options;
}
RecordCheck record_check(const Settings& settings) {
  return settings.verify_record ? RecordCheck::strict : RecordCheck::relaxed;
}

// A path becomes a "file:" URL.
Result<std::string> absolute_url(const std::string& given) {
  if (url::is_url(given)) return given;
  std::error_code failed;
  const auto absolute = std::filesystem::absolute(given, failed).lexically_normal();
  if (failed) return fs::errno_error("cannot find", given, failed.value());
  return url::path_to_file_url(absolute.native());
}

Status check_is_there(const std::string& url) {
  if (!url.starts_with("file:")) return ok_status();
  PKG_TRY_ASSIGN(const fs::Path path, url::file_url_to_path(url));
  if (!fs::exists(path)) return make_error(ErrorKind::not_found, cat("there is no file ", quote(path.native())));
  if (fs::is_directory(path))
    return make_error(ErrorKind::bad_data, cat(quote(path.native()), " is a folder, where a file is expected"));
  return ok_status();
}

// Every announced hash that is known. hash_mismatch.
Status check_announced(const pep::DistFile& file, std::string_view bytes) {
  for (const auto& expected : file.hashes) {
    hash::Hasher hasher(expected.algorithm);
    hasher.update(bytes);
    const auto found = hash::to_hex(hasher.finish());
    if (found == expected.hex) continue;
    return make_error(ErrorKind::hash_mismatch,
                      cat(quote(file.file_name), " has ", hash::name(expected.algorithm), ":", found, ", and ",
                          quote(file.index), " announced ", hash::name(expected.algorithm), ":", expected.hex),
                      "the file was changed after it was announced, or on the way");
  }
  return ok_status();
}

}  // namespace

struct Index::State {
  State(Settings given, Cache opened, std::shared_ptr<RemoteCache> distant, Reporter& reporter,
        const CancelToken& cancel, MakeTransport make_transport)
      : settings(std::move(given)),
        cache(std::move(opened)),
        remote(std::move(distant)),
        client(settings, cancel, std::move(make_transport), &reporter),
        sources(settings, client, PageCache(cache.paths().pages()), reporter, remote.get()),
        downloader(client, cache, reporter, cancel, download_options(settings), remote.get()),
        store(cache.paths(), 0, settings.now),
        metadata_cache(cache.paths().metadata()),
        wheels(store, downloader, record_check(settings), settings.offline, refresh_of(settings)),
        metadata(client, metadata_cache, wheels, reporter, cancel, metadata_options(settings), remote.get()),
        archives(cache.paths(), downloader, store, settings.offline, settings.verify_hashes, refresh_of(settings)),
        trees(archives, cache.paths(), {settings.offline, settings.proxy, settings.ca_bundle}, reporter, cancel),
        built(cache.paths(), settings.now, remote.get(), settings.remote.pushes),
        reporter_(reporter),
        cancel_(cancel) {}
  // What is under way ends now; after that every part can wait for its own.
  ~State() {
    client.stop();
    if (remote) remote->end(kPutsPatienceSeconds);
  }

  const Settings settings;
  Cache cache;
  const std::shared_ptr<RemoteCache> remote;  // null: there is none
  Client client;
  Sources sources;
  Downloader downloader;
  WheelStore store;
  MetadataCache metadata_cache;  // before the wheels, which confirm what is in it
  WheelSource wheels;
  MetadataSource metadata;
  SdistStore archives;
  TreeSource trees;
  SharedBuilds built;
  Reporter& reporter_;
  const CancelToken& cancel_;
};

Index::Index(std::unique_ptr<State> state) : state_(std::move(state)) {}
Index::~Index() = default;

Result<std::unique_ptr<Index>> Index::open(Settings settings, Reporter& reporter, const CancelToken& cancel,
                                           MakeTransport make_transport) {
  if (!make_transport)
    make_transport = [&cancel](const TransportSettings& transport) { return make_curl_transport(transport, cancel); };
  PKG_TRY_ASSIGN(auto remote, RemoteCache::open(settings, reporter, cancel, make_transport));
  PKG_TRY_ASSIGN(auto cache, Cache::open(settings.cache_dir));
  return std::unique_ptr<Index>(new Index(std::make_unique<State>(
      std::move(settings), std::move(cache), std::move(remote), reporter, cancel, std::move(make_transport))));
}

void Index::want_projects(std::span<const pep::Name> names, const std::string& from) {
  state_->sources.want(names, from);
}
Result<std::shared_ptr<const Project>> Index::project(const pep::Name& name, const std::string& from) {
  return state_->sources.get(name, from);
}

bool Index::begin_project(const pep::Name& name, bool is_needed, std::function<void()> done, const std::string& from) {
  const auto priority = is_needed ? Priority::waited_for : Priority::speculative;
  return state_->sources.begin(name, priority, std::move(done), from);
}

void Index::confirm_pages(std::span<const pep::Name> names) { state_->sources.confirm(names); }
void Index::confirm_all_pages() { state_->sources.confirm_all(); }
bool Index::rests_on_cache(std::span<const pep::Name> names) const { return state_->sources.rests_on_cache(names); }

std::optional<Result<MetadataResult>> Index::begin_metadata(const pep::DistFile& file,
                                                            std::function<void(const Result<MetadataResult>&)> done) {
  return state_->metadata.begin(file, std::move(done));
}

void Index::remember_missing_metadata(const pep::DistFile& file) { state_->metadata.remember_missing(file); }

std::optional<MetadataResult> Index::kept_metadata(const pep::DistFile& file) { return state_->metadata.kept(file); }

Result<std::vector<std::string>> Index::also_on(const pep::Name& name) {
  std::vector<std::string> found;
  const Settings& settings = state_->settings;
  if (settings.strategy != Strategy::first_index || settings.indexes.size() < 2 || settings.index_of.contains(name) ||
      settings.torch.projects.contains(name))
    return found;
  for (const auto& location : settings.indexes) {
    if (location.is_explicit) continue;
    Settings alone = settings;
    alone.indexes = {location};
    alone.find_links.clear();
    PKG_TRY_ASSIGN(const auto index, open(std::move(alone), state_->reporter_, state_->cancel_));
    const auto project = index->project(name);
    if (project && (*project)->found())
      found.push_back(quote(location.name.empty() ? location.url.shown() : location.name));
  }
  if (!found.empty()) found.erase(found.begin());  // the one that counts
  return found;
}

void Index::want_metadata(std::span<const pep::DistFile* const> files) {
  for (const auto* file : files) state_->metadata.start(*file, [](const Result<MetadataResult>&) {});
}
Result<MetadataResult> Index::metadata(const pep::DistFile& file) { return state_->metadata.get(file); }

void Index::want_wheels(std::span<const pep::DistFile* const> files) { state_->wheels.want(files); }
Result<std::shared_ptr<const pep::UnpackedWheel>> Index::wheel(const pep::DistFile& file) {
  return state_->wheels.get(file);
}
Result<std::shared_ptr<const pep::UnpackedWheel>> Index::heal_wheel(const pep::DistFile& file) {
  return state_->wheels.heal(file);
}

Result<std::filesystem::path> Index::download(const pep::DistFile& file, const std::filesystem::path& directory) {
  if (file.file_name.empty() || file.file_name == "." || file.file_name == ".." ||
      file.file_name.find('/') != std::string::npos)
    return make_error(ErrorKind::bad_data, cat(quote(file.file_name), " is not a plain file name"));
  if (state_->settings.offline && !file.url.starts_with("file:"))
    return make_error(ErrorKind::not_found,
                      cat("the file ", quote(file.file_name), " cannot be fetched with --offline"));
  PKG_TRY_ASSIGN(auto artifact, state_->downloader.get(file));
  PKG_TRY(fs::make_dirs(directory));
  const auto path = directory / file.file_name;
  PKG_TRY(fs::publish(path, artifact.bytes()));
  return path;
}

Result<pep::DistFile> Index::direct_file(const std::string& given) {
  PKG_TRY_ASSIGN(const auto url, absolute_url(given));
  PKG_TRY_ASSIGN(auto source, pep::SourceUrl::parse(url));
  PKG_TRY(check_is_there(source.url));
  pep::DistFile file;
  file.hashes = std::move(source.hashes);
  file.file_name = url::file_name(source.url);
  if (source.kind == pep::SourceUrl::Kind::wheel) {
    PKG_TRY_ASSIGN(auto wheel, pep::WheelName::parse(file.file_name));
    file.url = std::move(source.url);
    file.project = std::move(wheel.name);
    file.version = std::move(wheel.version);
    return file;
  }
  auto sdist = pep::SdistName::parse(file.file_name);
  if (!sdist || source.kind != pep::SourceUrl::Kind::sdist)
    return make_error(ErrorKind::unsupported,
                      cat("the name of ", quote(url::redact(given)), " does not say which project and version it is"));
  file.kind = pep::DistKind::sdist;
  file.url = pep::with_subdirectory(source.url, source.subdirectory);
  file.project = std::move(sdist->name);
  file.version = std::move(sdist->version);
  return file;
}

Result<SourceTree> Index::source_tree(const pep::DistFile& file, const std::filesystem::path& into) {
  return state_->trees.get(file, into);
}

Result<std::string> Index::commit_of(const pep::SourceUrl& vcs) { return state_->trees.commit_of(vcs); }

RemoteCache* Index::remote_cache() { return state_->remote.get(); }

std::optional<std::string> Index::known_build(const std::string& request, const std::string& fleet) {
  return state_->built.known(request, fleet);
}
void Index::keep_known_build(const std::string& request, const std::string& key, const std::string& fleet) {
  state_->built.keep_known(request, key, fleet);
}
std::optional<pep::DistFile> Index::built_wheel(const std::string& key, const std::string& fleet) {
  return state_->built.wheel(key, fleet);
}
Result<pep::DistFile> Index::keep_built_wheel(const std::string& key, const std::filesystem::path& wheel,
                                              const std::string& fleet) {
  return state_->built.keep_wheel(key, wheel, fleet);
}
std::optional<std::string> Index::built_metadata(const std::string& key) { return state_->built.metadata(key); }
void Index::keep_built_metadata(const std::string& key, const std::string& text) {
  (void)state_->built.keep_metadata(key, text);  // only saves work next time
}

Result<std::string> Index::text(const std::string& url) {
  if (url.starts_with("file:")) {
    PKG_TRY_ASSIGN(const auto path, url::file_url_to_path(url));
    return fs::read_file_at_most(path, limits::kText);
  }
  if (!url.starts_with("https:") && !url.starts_with("http:"))
    return make_error(ErrorKind::unsupported, cat(quote(url::redact(url)), " is no http, https or file URL"));
  if (state_->settings.offline)
    return make_error(ErrorKind::not_found, cat(quote(url::redact(url)), " cannot be fetched with --offline"));
  return fetch_text(state_->client, url, limits::kText);
}

Result<std::string> Index::variants_text(const pep::DistFile& json) {
  const auto& settings = state_->settings;
  if (json.url.starts_with("file:")) {
    PKG_TRY_ASSIGN(const auto path, url::file_url_to_path(json.url));
    PKG_TRY_ASSIGN(auto text, fs::read_file_at_most(path, limits::kVariants));
    if (settings.verify_hashes) PKG_TRY(check_announced(json, text));
    return text;
  }
  const auto* sha256 = json.sha256();
  const auto key = sha256 == nullptr ? std::string() : hash::sha256(cat("variants ", sha256->hex));
  if (sha256 != nullptr) {
    auto kept = state_->metadata_cache.find(json.project, key);
    if (kept && hash::to_hex(hash::sha256(*kept)) == sha256->hex) return *std::move(kept);
  }
  if (settings.offline)
    return make_error(ErrorKind::not_found, cat(quote(json.file_name), " is not in the cache"),
                      "it can be fetched without --offline; `--variant none` takes no wheel variants");
  PKG_TRY_ASSIGN(auto text, fetch_text(state_->client, json.url, limits::kVariants));
  if (settings.verify_hashes) PKG_TRY(check_announced(json, text));
  if (sha256 != nullptr) (void)state_->metadata_cache.add(json.project, key, text);  // only saves a request
  return text;
}

}  // namespace pkg::index
