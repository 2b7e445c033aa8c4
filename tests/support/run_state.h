#pragma once

#include "base/result.h"
#include "store/run_folder.h"

#include <string>

#include <unistd.h>

namespace clipscope::test {

/// Writes the state that this process would write if it were the job or run of `folder`.
inline Status writeRunState(const store::RunFolder& folder, std::string verb, store::RunPhase phase,
    const Progress& progress)
{
    store::RunState state;
    state.verb = std::move(verb);
    state.phase = phase;
    state.pid = ::getpid();
    state.startedAt = 1e9;
    state.progress = progress;
    return folder.writeState(state);
}

} // namespace clipscope::test
