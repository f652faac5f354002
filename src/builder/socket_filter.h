#pragma once
// Which sockets a contained build may make, and which of those in the file system it may connect to: its own. By
// seccomp: connect() goes to the guard, which makes the connection itself, or refuses. x86-64 and 64-bit ARM.

#include <functional>
#include <string>

namespace pkg::builder {

enum class Network : unsigned char { own, none };  // own: of a network namespace, where nothing is to be reached

bool has_socket_filter();

// For this process and what it starts. 0 or errno. `listener`: what the guard watches; -1: this kernel has no such
// thing, and no local sockets can be made except pairs. Families of no use to builds are closed either way,
// and so are datagrams between processes, whose receiver no filter can see.
int filter_sockets(Network network, int& listener) noexcept;

// Answers one connect(). `may_connect` sees an O_PATH descriptor of the socket file that is asked for.
using MayConnect = std::function<bool(int socket_file)>;
void answer_connect(int listener, Network network, const MayConnect& may_connect);

}  // namespace pkg::builder
