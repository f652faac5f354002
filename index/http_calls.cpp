#include "index/http_calls.h"

#include <memory>
#include <utility>

#include "base/text.h"
#include "index/http/client.h"

namespace pkg::index {

void get_whole(Client& client, const std::string& url, std::uint64_t limit_bytes,
               std::function<void(Result<HttpAnswer>)> done) {
  Request request;
  request.url = url;
  request.body_limit_bytes = limit_bytes;
  client.start(std::move(request), [done = std::move(done)](Result<Response> response) {
    if (!response) return done(std::move(response).error());
    if (response->status == 401) return done(status_error(*response));
    done(HttpAnswer{response->status, std::move(response->body)});
  });
}

Result<std::string> fetch_text(Client& client, const std::string& url, std::uint64_t limit_bytes) {
  Request request;
  request.url = url;
  request.body_limit_bytes = limit_bytes;
  PKG_TRY_ASSIGN(auto response, client.get(std::move(request)));
  if (response.status < 200 || response.status > 299) return status_error(response);
  return std::move(response.body);
}

void get_range(Client& client, const std::string& url, const ByteRange& range,
               std::function<void(Result<RangeAnswer>)> done) {
  // What on_head finds before it ends the transfer, for `done`.
  struct Seen {
    int status = 0;
    bool is_refused = false;
    ContentRange range;
  };
  const auto seen = std::make_shared<Seen>();
  Request request;
  request.url = url;
  request.headers.push_back({"Range", range.header_value()});
  request.body_limit_bytes = range.count;
  request.on_head = [seen, range](const ResponseHead& head) -> Status {
    const auto* text = head.find("content-range");
    const auto part = text != nullptr ? ContentRange::parse(*text) : std::nullopt;
    *seen = Seen{head.status, head.status != 206 || !part || part->last - part->first >= range.count,
                 part.value_or(ContentRange{})};
    // Without ranges the whole file would follow.
    return seen->is_refused ? Status(make_error(ErrorKind::unsupported, "the server has no range requests"))
                            : ok_status();
  };
  client.start(std::move(request), [seen, done = std::move(done)](Result<Response> response) {
    RangeAnswer answer;
    answer.status = response ? response->status : seen->status;
    if (!response && !seen->is_refused) return done(std::move(response).error());
    if (answer.status == 401 && response) return done(status_error(*response));
    answer.is_partial = !seen->is_refused && answer.status == 206;
    answer.range = seen->range;
    if (answer.is_partial) answer.body = std::move(response->body);
    if (answer.is_partial && answer.body.size() != answer.range.last - answer.range.first + 1)
      answer.is_partial = false;
    done(std::move(answer));
  });
}

}  // namespace pkg::index
