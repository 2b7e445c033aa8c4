#pragma once

#include "base/result.h"

#include <exception>
#include <type_traits>

namespace clipscope {

/// Turns an exception of an outside library into an Error: bad_alloc and CUDA's "out of memory"
/// become OutOfMemory with a hint, everything else Internal with the library's text.
Error errorFromException(const std::exception_ptr& exception);

namespace detail {

template<typename T> struct Wrapped
{
    using Type = Result<T>;
};
template<typename T> struct Wrapped<Result<T>>
{
    using Type = Result<T>;
};

} // namespace detail

/// Runs `f` (which returns Result<T>, a plain value or nothing) and turns whatever it throws into
/// an Error. Stands only at four borders: a job's run(), a lane, a worker thread's loop, a public
/// function of `retrieval` or `tensor`.
template<typename F> auto guarded(F&& f)
{
    using Returned = std::invoke_result_t<F>;
    using Wrapped = typename detail::Wrapped<std::remove_cvref_t<Returned>>::Type;
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
