#pragma once

#include "base/result.h"

#include <deque>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace clipscope::tensor {

/// A value of a pickle. Only data: nothing in here can be called.
struct PickleValue
{
    enum class Kind {
        None,
        Boolean,
        Integer, ///< also of numbers too long for 64 bits: then `text` says so and integer is 0
        Real,
        Text, ///< str and bytes
        Sequence, ///< list, tuple, set
        Dictionary,
        Global, ///< text = "module.name"
        Storage, ///< integer = its number, which resolve() chose
        Tensor, ///< integer = its number, which construct() chose
        Opaque, ///< result of a class we do not know; text = its name
        Mark, ///< only inside the interpreter
    };
    Kind kind = Kind::None;
    std::int64_t integer = 0;
    double real = 0.0;
    std::string text;
    std::vector<PickleValue*> items;
    std::vector<std::pair<PickleValue*, PickleValue*>> entries;

    bool isText(std::string_view word) const { return kind == Kind::Text && text == word; }
};

/// Interprets pickles (protocols 0 to 5) as data. Owns every value it made.
///
/// What it may do is bounded, since a pickle of a few bytes can ask for any amount of work: all
/// pickles of one reader together have at most four million instructions and one million values,
/// tens of times as many as a checkpoint of the reference has.
/// Threads: one thread at a time.
class PickleReader final
{
public:
    /// What a known constructor makes of its arguments; nullptr when it is not a known one.
    using Construct = std::function<Result<PickleValue*>(
        const std::string& global, const std::vector<PickleValue*>& arguments)>;
    /// What a persistent id stands for.
    using Resolve = std::function<Result<PickleValue*>(const PickleValue& id)>;

    /// `bytes` must outlive the reader. `place` names the file, and its part, in errors.
    PickleReader(
        std::span<const std::byte> bytes, Place place, Construct construct, Resolve resolve);

    /// Reads the next pickle of the stream, up to its STOP.
    /// Errors: BadInput with byte (broken, forbidden global, more work than any checkpoint asks
    /// for).
    Result<PickleValue*> next();
    std::size_t position() const { return m_position; }
    PickleValue* make(PickleValue::Kind kind);
    /// Counts work done for one instruction, such as values copied, as so many instructions.
    /// Errors: BadInput when that is too much.
    Status spend(std::uint64_t instructions);

private:
    enum class Step { Continue, Stop };
    Result<Step> step();
    Result<bool> number(unsigned char code);
    Result<bool> text(unsigned char code);
    Result<bool> container(unsigned char code);
    Result<bool> memo(unsigned char code);
    Result<bool> object(unsigned char code);

    tl::unexpected<Error> broken(std::string message) const;
    Result<std::string_view> take(std::uint64_t size);
    Result<std::string_view> line();
    Result<std::uint64_t> integer(int bytes);
    Result<PickleValue*> pop();
    /// Everything above the topmost mark, which is dropped.
    Result<std::vector<PickleValue*>> popToMark();
    void push(PickleValue* value) { m_stack.push_back(value); }
    Status pushText(std::uint64_t size);
    Status pushLong(std::uint64_t size);
    Status pushGlobal(std::string_view module, std::string_view name);
    Status addEntries(PickleValue& target, const std::vector<PickleValue*>& flat);
    Status call(const PickleValue& callable, PickleValue* arguments);

    std::span<const std::byte> m_bytes;
    Place m_place;
    Construct m_construct;
    Resolve m_resolve;
    std::size_t m_position = 0;
    std::uint64_t m_spent = 0;
    std::vector<PickleValue*> m_stack;
    std::map<std::uint64_t, PickleValue*> m_memo;
    std::deque<PickleValue> m_values;
};

} // namespace clipscope::tensor
