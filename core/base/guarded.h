#pragma once

#include "base/result.h"

#include <exception>
#include <type_traits>

namespace clipscope {

/// Turns an exception of an outside library into an Error: bad_alloc and CUDA's "out of memory"
/// become OutOfMemory with a hint, everything else Internal with the library's text.
Error errorFromException(const std::exception_ptr& exception);

/// Runs `f` (which returns Result<T>, a plain value or nothing) and turns whatever it throws into
/// an Error. Stands only at four borders: a job's run(), a lane, a worker thread's loop, a public
/// function of `retrieval` or `tensor`.
template<typename F> auto guarded(F&& f)
{
    using Returned = std::invoke_result_t<F>;
    constexpr bool isResult = requires(Returned r)
    {
        r.error();
    };
    using Wrapped = typename std::conditional_t<isResult, std::type_identity<Returned>,
        std::type_identity<Result<Returned>>>::type;
    try {
        if constexpr (std::is_void_v<Returned>) {
            std::forward<F>(f)();
            return Wrapped{};
        } else {
            return Wrapped(std::forward<F>(f)());
        }
    } catch (...) {
        return Wrapped(fail(errorFromException(std::current_exception())));
    }
}

} // namespace clipscope
