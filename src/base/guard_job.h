#pragma once
// What a guard is to do, as it goes over the socket between pkg and it.

#include <string>
#include <vector>

namespace pkg::process {

struct GuardJob {
  std::string program, directory, confinement;  // no program: a trial of the confinement
  std::vector<std::string> argv, environment;   // "NAME=value"

  bool send(int socket) const;
  bool receive(int socket);
};

}  // namespace pkg::process
