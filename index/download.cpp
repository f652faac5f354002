#include "index/download.h"

#include <utility>
#include <vector>

#include "base/text.h"
#include "base/url.h"
#include "index/awaited.h"
#include "index/http/client.h"
#include "index/metadata/remote_zip.h"
#include "index/remote/remote_cache.h"
#include "pep/hash_strength.h"

namespace pkg::index {
namespace {

constexpr std::uint64_t kProgressBytes = 128u << 10;
constexpr std::size_t kLocalChunk = 1u << 20;
constexpr std::uint64_t kLargestContent = std::uint64_t{4} << 30;  // that a remote cache is asked for unseen

// Only a strong validator can vouch that the rest belongs to what we have (RFC 9110, 13.1.5).
std::string validator_of(const ResponseHead& head) {
  const auto* etag = head.find("etag");
  if (etag != nullptr && etag->size() > 2 && etag->front() == '"') return *etag;
  const auto* modified = head.find("last-modified");
  return modified != nullptr ? *modified : std::string();
}

// What the server says of a whole body; 0: nothing, or the length of something that is still to be unpacked.
std::uint64_t announced_length(const ResponseHead& head) {
  const auto* length = head.find("content-length");
  if (head.status != 200 || length == nullptr || head.find("content-encoding") != nullptr) return 0;
  return parse_u64(*length).value_or(0);
}

// One file on its way, through one request and perhaps others that go on where it was cut.
class FileTransfer : public std::enable_shared_from_this<FileTransfer> {
 public:
  FileTransfer(Client& client, Reporter& reporter, const DownloadOptions& options, const pep::DistFile& file,
               std::shared_ptr<MemoryBudget> budget, fs::Path tmp, RemoteCache* remote, Downloader::Done done)
      : client_(client),
        reporter_(reporter),
        options_(options),
        file_(file),
        writer_(file_, options.verify_hashes, std::move(budget), std::move(tmp)),
        remote_(options.verify_hashes && file.sha256() != nullptr ? remote : nullptr),
        done_(std::move(done)),
        resumes_left_(options.resumes) {}

  void begin() {
    if (remote_ == nullptr || !remote_->answers()) return without_remote();
    remote_->content(
        file_.sha256()->hex, file_.size_bytes.value_or(kLargestContent),
        [self = shared_from_this()](std::string_view bytes) {
          self->show();
          return self->take(bytes);
        },
        [self = shared_from_this()](bool is_there) { self->end_remote(is_there); });
  }

  void request() {
    Request request;
    request.url = file_.url;
    request.tries = tries_;
    asks_for_rest_ = writer_.received() > 0;
    if (asks_for_rest_) {
      request.headers.push_back({"Range", cat("bytes=", writer_.received(), "-")});
      if (!validator_.empty()) request.headers.push_back({"If-Range", validator_});
    }
    request.on_head = [self = shared_from_this()](const ResponseHead& head) { return self->begin_body(head); };
    request.sink = [self = shared_from_this()](std::string_view bytes) { return self->take(bytes); };
    client_.start(std::move(request),
                  [self = shared_from_this()](Result<Response> response) { self->end(std::move(response)); });
  }

 private:
  std::uint64_t id() const { return reinterpret_cast<std::uintptr_t>(this); }

  // `announced_bytes`: 0 where the server says nothing.
  void show(std::uint64_t announced_bytes = 0) {
    if (std::exchange(is_shown_, true)) return;
    reporter_.transfer_started(id(), TransferKind::wheel, file_.file_name, file_.size_bytes.value_or(announced_bytes));
  }

  void without_remote() {
    if (!options_.remote_alone) return request();
    finish(
        make_error(ErrorKind::not_found, cat("the file ", quote(file_.file_name), " is not in the remote cache",
                                             remote_ == nullptr ? std::string() : cat(" ", quote(remote_->name())))));
  }

  // Whatever was wrong with its answer, the index has the file too.
  void end_remote(bool is_there) {
    if (is_there) {
      auto artifact = writer_.finish();
      if (artifact) {
        is_from_remote_ = true;
        return finish(std::move(artifact));
      }
      remote_->was_spoilt(file_.sha256()->hex);
    }
    start_over();
    without_remote();
  }

  Status begin_body(const ResponseHead& head) {
    show(announced_length(head));
    if (head.status == 206 && writer_.received() > 0) {
      const auto* text = head.find("content-range");
      const auto part = text != nullptr ? ContentRange::parse(*text) : std::nullopt;
      if (part && part->first == writer_.received()) {
        is_resumed_ = true;
        return ok_status();
      }
    }
    if (head.status == 206) {
      is_wrong_part_ = true;
      return make_error(ErrorKind::network,
                        cat("the server sent another part of ", quote(url::redact(file_.url)), " than was asked for"));
    }
    start_over();
    const auto* length = head.find("content-length");
    is_measured_ = file_.size_bytes || length != nullptr || head.find("transfer-encoding") != nullptr;
    if (length != nullptr) writer_.expect(parse_u64(*length).value_or(0));
    validator_ = validator_of(head);
    return ok_status();
  }

  void start_over() {
    writer_.restart();
    is_resumed_ = false;
    shown_bytes_ = resumed_at_ = 0;
  }

  Status take(std::string_view bytes) {
    PKG_TRY(writer_.append(bytes));
    if (writer_.received() - shown_bytes_ < kProgressBytes) return ok_status();
    shown_bytes_ = writer_.received();
    reporter_.transfer_progress(id(), shown_bytes_);
    return ok_status();
  }

  void end(Result<Response> response) {
    if (response && (response->status < 200 || response->status > 299)) return refused(*response);
    if (is_wrong_part_ && resumes_left_ > 0) return from_start();
    const bool is_further = writer_.received() > resumed_at_;
    const bool is_cut = response ? file_.size_bytes && writer_.received() < *file_.size_bytes
                                 : response.error().kind == ErrorKind::network;
    if (is_cut && is_further && resumes_left_ > 0) return resume();
    if (!response) return finish(std::move(response).error());
    auto artifact = writer_.finish();
    // The parts did not belong together; or nobody said how long it is, and it may have been cut: once more from the
    // start.
    const bool may_be_torn = is_resumed_ || (!is_measured_ && !std::exchange(was_taken_again_, true));
    const bool is_wrong = !artifact && artifact.error().kind == ErrorKind::hash_mismatch;
    if (!is_wrong || !may_be_torn || resumes_left_ <= 0) return finish(std::move(artifact));
    from_start();
  }

  void from_start() {
    --resumes_left_;
    is_wrong_part_ = false;
    start_over();
    request();
  }

  void resume() {
    --resumes_left_;
    resumed_at_ = writer_.received();
    if (validator_.empty() && !pep::has_strong_hash(file_.hashes))
      start_over();  // nothing could tell that the rest belongs to it
    request();
  }

  void refused(const Response& response) {
    if (asks_for_rest_ && resumes_left_ > 0) return from_start();  // it may answer to another question
    finish(status_error(response));
  }

  void finish(Result<Artifact> result) {
    if (result && reporter_.wants_details())
      reporter_.detail(cat("downloaded ", quote(file_.file_name), " from ",
                           quote(is_from_remote_ ? remote_->name() : url::redact(file_.url))));
    if (result && remote_ != nullptr && !is_from_remote_ && remote_->takes())
      (void)remote_->offer(file_.sha256()->hex, result->bytes(), result->shared());
    if (is_shown_) {
      if (result) reporter_.transfer_progress(id(), result->bytes().size());
      reporter_.transfer_finished(id());
    }
    done_(std::move(result));
  }

  Client& client_;
  Reporter& reporter_;
  const DownloadOptions options_;
  const pep::DistFile file_;
  ArtifactWriter writer_;
  RemoteCache* const remote_;  // null: not for this file
  const Downloader::Done done_;
  int resumes_left_;
  std::string validator_;
  std::uint64_t shown_bytes_ = 0, resumed_at_ = 0;  // a resumption that brings nothing is the last
  const std::shared_ptr<int> tries_ = std::make_shared<int>(0);
  bool is_shown_ = false, is_resumed_ = false, is_from_remote_ = false;
  bool asks_for_rest_ = false, is_wrong_part_ = false;
  bool is_measured_ = true;  // somebody said where the body ends
  bool was_taken_again_ = false;
};

Result<Artifact> read_local(const pep::DistFile& file, ArtifactWriter writer, const CancelToken& cancel) {
  PKG_TRY_ASSIGN(const auto path, url::file_url_to_path(file.url));
  PKG_TRY_ASSIGN(const auto fd, fs::open_regular(path));
  std::vector<char> chunk(kLocalChunk);
  for (std::uint64_t at = 0;;) {
    if (cancel.is_cancelled()) return make_error(ErrorKind::interrupted, "interrupted");
    PKG_TRY_ASSIGN(const auto got, fs::read_at(fd.get(), at, chunk, path));
    if (got == 0) return writer.finish();
    PKG_TRY(writer.append(std::string_view(chunk.data(), got)));
    at += got;
  }
}

}  // namespace

struct Downloader::State {
  Client& client;
  const CachePaths paths;
  Reporter& reporter;
  const CancelToken& cancel;
  const DownloadOptions options;
  const std::shared_ptr<MemoryBudget> budget;
  RemoteCache* const remote;
};

Downloader::Downloader(Client& client, const Cache& cache, Reporter& reporter, const CancelToken& cancel,
                       DownloadOptions options, RemoteCache* remote)
    : state_(std::make_shared<State>(State{client, cache.paths(), reporter, cancel, options,
                                           std::make_shared<MemoryBudget>(options.memory_budget_bytes), remote})) {}

Downloader::~Downloader() = default;

void Downloader::start(const pep::DistFile& file, Done done) {
  if (file.url.starts_with("file:"))
    return done(read_local(file,
                           ArtifactWriter(file, state_->options.verify_hashes, state_->budget, state_->paths.tmp()),
                           state_->cancel));
  std::make_shared<FileTransfer>(state_->client, state_->reporter, state_->options, file, state_->budget,
                                 state_->paths.tmp(), state_->remote, std::move(done))
      ->begin();
}

std::string Downloader::access(const std::string& url) { return state_->client.access(url); }
Reporter& Downloader::reporter() const { return state_->reporter; }

Result<Artifact> Downloader::get(const pep::DistFile& file) {
  const Awaited<Result<Artifact>> answer;
  start(file, [answer](Result<Artifact> result) { answer.put(std::move(result)); });
  return answer.take();
}

}  // namespace pkg::index
