#include "app/cli/stop_signals.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>

#include <fcntl.h>
#include <unistd.h>

namespace clipscope::cli {

namespace {

// A signal may arrive on any thread, also on one that a library made before main(), and a stop
// request is not allowed inside a handler: the handler only writes a byte that a thread waits for.
std::array<int, 2> wakePipe = { -1, -1 };
volatile std::sig_atomic_t signalsSeen = 0;

void onSignal(int signal)
{
    const int savedErrno = errno;
    signalsSeen = signalsSeen + 1;
    if (signalsSeen > 1)
        ::_exit(128 + signal);
    const char byte = 's';
    (void)!::write(wakePipe[1], &byte, 1);
    errno = savedErrno;
}

void handle(int signal, void (*handler)(int))
{
    struct sigaction action = {};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    ::sigaction(signal, &action, nullptr);
}

} // namespace

StopSignals::StopSignals()
{
    // A file-size limit is a full disk like any other: let write() say so.
    handle(SIGXFSZ, SIG_IGN);
    if (::pipe2(wakePipe.data(), O_CLOEXEC) != 0)
        return; // then the signals end the program as they always do
    handle(SIGINT, onSignal);
    handle(SIGTERM, onSignal);
    m_waiter = std::jthread([this] {
        char byte = 0;
        while (::read(wakePipe[0], &byte, 1) < 0 && errno == EINTR) { }
        if (byte != 's')
            return;
        std::fputs("\nStopping; what is done is kept. Once more ends at once.\n", stderr);
        m_source.request_stop();
    });
}

StopSignals::~StopSignals()
{
    if (!m_waiter.joinable())
        return;
    handle(SIGINT, SIG_DFL);
    handle(SIGTERM, SIG_DFL);
    const char byte = 'q';
    (void)!::write(wakePipe[1], &byte, 1);
    m_waiter.join();
    ::close(wakePipe[0]);
    ::close(wakePipe[1]);
}

} // namespace clipscope::cli
