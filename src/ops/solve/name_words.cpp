#include "ops/solve/name_words.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "ops/inputs/input_words.h"
#include "pep/version.h"

namespace pkg::ops {
namespace {

struct ImportName {
  std::string_view imported, distribution;
};

// Normalized names (PEP 503), sorted. Only imports whose distribution is beyond doubt.
constexpr ImportName kImports[] = {{"attr", "attrs"},
                                   {"bio", "biopython"},
                                   {"bs4", "beautifulsoup4"},
                                   {"can", "python-can"},
                                   {"corsheaders", "django-cors-headers"},
                                   {"crypto", "pycryptodome"},
                                   {"cryptodome", "pycryptodomex"},
                                   {"cv2", "opencv-python"},
                                   {"dateutil", "python-dateutil"},
                                   {"dns", "dnspython"},
                                   {"docx", "python-docx"},
                                   {"dotenv", "python-dotenv"},
                                   {"editor", "python-editor"},
                                   {"engineio", "python-engineio"},
                                   {"faiss", "faiss-cpu"},
                                   {"fitz", "pymupdf"},
                                   {"gi", "pygobject"},
                                   {"git", "gitpython"},
                                   {"github", "pygithub"},
                                   {"gitlab", "python-gitlab"},
                                   {"grpc", "grpcio"},
                                   {"haystack", "haystack-ai"},
                                   {"hydra", "hydra-core"},
                                   {"jenkins", "python-jenkins"},
                                   {"jose", "python-jose"},
                                   {"jwt", "pyjwt"},
                                   {"kafka", "kafka-python"},
                                   {"keystoneclient", "python-keystoneclient"},
                                   {"ldap", "python-ldap"},
                                   {"llama-cpp", "llama-cpp-python"},
                                   {"magic", "python-magic"},
                                   {"markdown-it", "markdown-it-py"},
                                   {"memcache", "python-memcached"},
                                   {"mnist", "python-mnist"},
                                   {"mpl-toolkits", "matplotlib"},
                                   {"multipart", "python-multipart"},
                                   {"mysqldb", "mysqlclient"},
                                   {"nacl", "pynacl"},
                                   {"nmap", "python-nmap"},
                                   {"novaclient", "python-novaclient"},
                                   {"odf", "odfpy"},
                                   {"opengl", "pyopengl"},
                                   {"openssl", "pyopenssl"},
                                   {"osgeo", "gdal"},
                                   {"pam", "python-pam"},
                                   {"pil", "pillow"},
                                   {"pkg-resources", "setuptools"},
                                   {"pptx", "python-pptx"},
                                   {"pylab", "matplotlib"},
                                   {"pythoncom", "pywin32"},
                                   {"pywt", "pywavelets"},
                                   {"pyximport", "cython"},
                                   {"rest-framework", "djangorestframework"},
                                   {"ruamel", "ruamel.yaml"},
                                   {"sentencetransformers", "sentence-transformers"},
                                   {"serial", "pyserial"},
                                   {"shapefile", "pyshp"},
                                   {"skimage", "scikit-image"},
                                   {"sklearn", "scikit-learn"},
                                   {"skopt", "scikit-optimize"},
                                   {"slugify", "python-slugify"},
                                   {"smartcard", "pyscard"},
                                   {"snappy", "python-snappy"},
                                   {"socketio", "python-socketio"},
                                   {"speech-recognition", "speechrecognition"},
                                   {"stdnum", "python-stdnum"},
                                   {"tabula", "tabula-py"},
                                   {"telegram", "python-telegram-bot"},
                                   {"tlz", "toolz"},
                                   {"umap", "umap-learn"},
                                   {"usb", "pyusb"},
                                   {"websocket", "websocket-client"},
                                   {"whois", "python-whois"},
                                   {"win32api", "pywin32"},
                                   {"win32com", "pywin32"},
                                   {"win32con", "pywin32"},
                                   {"wx", "wxpython"},
                                   {"xdg", "pyxdg"},
                                   {"xlib", "python-xlib"},
                                   {"yaml", "pyyaml"},
                                   {"zmq", "pyzmq"}};

// sys.stdlib_module_names of CPython 3.8 to 3.14, normalized, without those that begin with an underscore; each between
// two spaces.
constexpr std::string_view kStandardModules =
    " abc aifc annotationlib antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb "
    "binascii binhex bisect builtins bz2 calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys "
    "compileall compression concurrent configparser contextlib contextvars copy copyreg cprofile crypt csv ctypes "
    "curses dataclasses datetime dbm decimal difflib dis distutils doctest dummy-threading email encodings "
    "ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch formatter fractions ftplib functools gc "
    "genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http idlelib imaplib imghdr "
    "imp importlib inspect io ipaddress itertools json keyword lib2to3 linecache locale logging lzma macpath "
    "mailbox mailcap marshal math mimetypes mmap modulefinder msilib msvcrt multiprocessing netrc nis nntplib nt "
    "ntpath nturl2path numbers opcode operator optparse os ossaudiodev parser pathlib pdb pickle pickletools pipes "
    "pkgutil platform plistlib poplib posix posixpath pprint profile pstats pty pwd py-compile pyclbr pydoc "
    "pydoc-data pyexpat queue quopri random re readline reprlib resource rlcompleter runpy sched secrets select "
    "selectors shelve shlex shutil signal site smtpd smtplib sndhdr socket socketserver spwd sqlite3 sre-compile "
    "sre-constants sre-parse ssl stat statistics string stringprep struct subprocess sunau symbol symtable sys "
    "sysconfig syslog tabnanny tarfile telnetlib tempfile termios textwrap this threading time timeit tkinter token "
    "tokenize tomllib trace traceback tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib uu "
    "uuid venv warnings wave weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport "
    "zlib zoneinfo ";

static_assert(std::ranges::is_sorted(kImports, {}, &ImportName::imported));

}  // namespace

std::optional<std::string_view> distribution_of_import(const pep::Name& name) {
  const auto found = std::ranges::lower_bound(kImports, std::string_view(name.str()), {}, &ImportName::imported);
  if (found == std::end(kImports) || found->imported != name.str()) return std::nullopt;
  return found->distribution;
}

std::string advice_on_name(const pep::Name& name, std::string_view written) {
  if (looks_like_requirements_file(written)) return cat("the requirements of a file are read with -r: -r ", written);
  if (const auto distribution = distribution_of_import(name))
    return cat("what is imported as ", quote(written), " is in ", quote(*distribution));
  const auto dash = written.rfind('-');
  if (dash != std::string_view::npos && pep::Version::parse(written.substr(dash + 1)).ok())
    return cat("a version is written ", written.substr(0, dash), "==", written.substr(dash + 1));
  if (kStandardModules.find(cat(" ", name.str(), " ")) != std::string_view::npos)
    return cat(quote(written), " is part of Python: it is there without being installed");
  return {};
}

}  // namespace pkg::ops
