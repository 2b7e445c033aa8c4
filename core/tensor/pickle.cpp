#include "tensor/pickle.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace clipscope::tensor {

using Kind = PickleValue::Kind;

namespace {

constexpr std::uint64_t mostInstructions = 4'000'000;
constexpr std::size_t mostValues = 1'000'000;
constexpr std::size_t longestGlobal = 1000;

/// Nothing is ever called here; a file that names one of these is an attack all the same, and
/// saying so is kinder than loading the rest of it.
constexpr std::array<std::string_view, 27> forbiddenModules{ "os", "posix", "nt", "subprocess",
    "sys", "shutil", "socket", "pty", "runpy", "importlib", "ctypes", "commands", "code", "codeop",
    "pdb", "bdb", "timeit", "webbrowser", "multiprocessing", "asyncio", "platform", "pickle",
    "marshal", "imp", "pip", "signal", "torch.hub" };
constexpr std::array<std::string_view, 12> forbiddenBuiltins{ "eval", "exec", "execfile", "compile",
    "open", "__import__", "input", "setattr", "delattr", "globals", "breakpoint", "apply" };

bool isForbidden(std::string_view module, std::string_view name)
{
    if (module == "builtins" || module == "__builtin__")
        return std::find(forbiddenBuiltins.begin(), forbiddenBuiltins.end(), name)
            != forbiddenBuiltins.end();
    return std::any_of(
        forbiddenModules.begin(), forbiddenModules.end(), [&](std::string_view candidate) {
            return module.starts_with(candidate)
                && (module.size() == candidate.size() || module[candidate.size()] == '.');
        });
}

} // namespace

PickleReader::PickleReader(
    std::span<const std::byte> bytes, Place place, Construct construct, Resolve resolve)
    : m_bytes(bytes)
    , m_place(std::move(place))
    , m_construct(std::move(construct))
    , m_resolve(std::move(resolve))
{
}

PickleValue* PickleReader::make(Kind kind)
{
    m_values.emplace_back();
    m_values.back().kind = kind;
    return &m_values.back();
}

Status PickleReader::spend(std::uint64_t instructions)
{
    m_spent += instructions;
    if (m_spent > mostInstructions || m_values.size() > mostValues)
        return broken("The pickle asks for more work than any checkpoint does.");
    return {};
}

tl::unexpected<Error> PickleReader::broken(std::string message) const
{
    const std::string part = m_place.where.empty() ? "" : m_place.where + ", ";
    return fail(ErrorKind::BadInput, std::move(message),
        { m_place.file, part + "byte " + std::to_string(m_position) },
        "The file is damaged or not a PyTorch checkpoint; fetch it again.");
}

Result<std::string_view> PickleReader::take(std::uint64_t size)
{
    if (size > m_bytes.size() - m_position)
        return broken("The pickle ends in the middle of a value.");
    const std::string_view taken(reinterpret_cast<const char*>(m_bytes.data()) + m_position, size);
    m_position += size;
    return taken;
}

Result<std::string_view> PickleReader::line()
{
    const std::string_view rest(
        reinterpret_cast<const char*>(m_bytes.data()) + m_position, m_bytes.size() - m_position);
    const std::size_t end = rest.find('\n');
    if (end == rest.npos)
        return broken("The pickle ends in the middle of a line.");
    m_position += end + 1;
    return rest.substr(0, end);
}

Result<std::uint64_t> PickleReader::integer(int bytes)
{
    CLIP_TRY_ASSIGN(const std::string_view raw, take(static_cast<std::uint64_t>(bytes)));
    std::uint64_t value = 0;
    std::memcpy(&value, raw.data(), raw.size());
    return value;
}

Result<PickleValue*> PickleReader::pop()
{
    if (m_stack.empty() || m_stack.back()->kind == Kind::Mark)
        return broken("The pickle takes a value that is not there.");
    PickleValue* value = m_stack.back();
    m_stack.pop_back();
    return value;
}

Result<std::vector<PickleValue*>> PickleReader::popToMark()
{
    const auto mark = std::find_if(m_stack.rbegin(), m_stack.rend(),
        [](const PickleValue* value) { return value->kind == Kind::Mark; });
    if (mark == m_stack.rend())
        return broken("The pickle goes back to a mark that is not there.");
    std::vector<PickleValue*> above(mark.base(), m_stack.end());
    m_stack.erase(mark.base() - 1, m_stack.end());
    return above;
}

Status PickleReader::pushText(std::uint64_t size)
{
    CLIP_TRY_ASSIGN(const std::string_view raw, take(size));
    PickleValue* value = make(Kind::Text);
    value->text = raw;
    push(value);
    return {};
}

Status PickleReader::pushLong(std::uint64_t size)
{
    CLIP_TRY_ASSIGN(const std::string_view raw, take(size));
    PickleValue* value = make(Kind::Integer);
    if (size > sizeof value->integer) {
        value->text = "long";
    } else if (size > 0) {
        const bool negative = (static_cast<unsigned char>(raw.back()) & 0x80) != 0;
        value->integer = negative ? -1 : 0;
        std::memcpy(&value->integer, raw.data(), raw.size());
    }
    push(value);
    return {};
}

Status PickleReader::pushGlobal(std::string_view module, std::string_view name)
{
    if (module.size() + name.size() > longestGlobal)
        return broken("The name of a class is longer than any class has.");
    std::string global = std::string(module) + "." + std::string(name);
    if (isForbidden(module, name))
        return fail(ErrorKind::BadInput,
            "The file asks for " + global
                + ", which could run a program; it was refused and nothing was run.",
            { m_place.file, "byte " + std::to_string(m_position) },
            "Do not trust this file; get the weights from their publisher, best as safetensors.");
    PickleValue* value = make(Kind::Global);
    value->text = std::move(global);
    push(value);
    return {};
}

Result<PickleValue*> PickleReader::next()
{
    m_stack.clear();
    m_memo.clear();
    for (;;) {
        CLIP_TRY_ASSIGN(const Step what, step());
        if (what == Step::Stop)
            return pop();
    }
}

Result<PickleReader::Step> PickleReader::step()
{
    CLIP_TRY(spend(1));
    CLIP_TRY_ASSIGN(const std::string_view raw, take(1));
    const auto code = static_cast<unsigned char>(raw.front());
    if (code == '.')
        return Step::Stop;
    for (const auto group : { &PickleReader::number, &PickleReader::text, &PickleReader::container,
             &PickleReader::memo, &PickleReader::object }) {
        CLIP_TRY_ASSIGN(const bool known, (this->*group)(code));
        if (known)
            return Step::Continue;
    }
    --m_position;
    return broken("The pickle holds the unknown instruction " + std::to_string(code) + ".");
}

Result<bool> PickleReader::number(unsigned char code)
{
    PickleValue* value = nullptr;
    switch (code) {
    case 0x80: { // PROTO
        CLIP_TRY_ASSIGN(const std::uint64_t protocol, integer(1));
        if (protocol > 5)
            return broken("Pickle protocol " + std::to_string(protocol) + " is not known.");
        return true;
    }
    case 0x95: // FRAME
        CLIP_TRY(integer(8));
        return true;
    case 'N':
        push(make(Kind::None));
        return true;
    case 0x88: // NEWTRUE
    case 0x89: // NEWFALSE
        value = make(Kind::Boolean);
        value->integer = code == 0x88 ? 1 : 0;
        break;
    case 'K':
    case 'M':
    case 'J': {
        CLIP_TRY_ASSIGN(const std::uint64_t raw, integer(code == 'K' ? 1 : code == 'M' ? 2 : 4));
        value = make(Kind::Integer);
        value->integer
            = code == 'J' ? static_cast<std::int32_t>(raw) : static_cast<std::int64_t>(raw);
        break;
    }
    case 'I':
    case 'L':
    case 'F': {
        CLIP_TRY_ASSIGN(const std::string_view digits, line());
        value = make(code == 'F' ? Kind::Real : Kind::Integer);
        const char* const stop = digits.data() + digits.size();
        const auto parsed = code == 'F' ? std::from_chars(digits.data(), stop, value->real)
                                        : std::from_chars(digits.data(), stop, value->integer);
        if (parsed.ec == std::errc::invalid_argument)
            return broken("The pickle has a number without digits.");
        break;
    }
    case 'G': { // BINFLOAT, big-endian
        CLIP_TRY_ASSIGN(const std::uint64_t raw, integer(8));
        value = make(Kind::Real);
        const std::uint64_t swapped = __builtin_bswap64(raw);
        std::memcpy(&value->real, &swapped, sizeof swapped);
        break;
    }
    case 0x8a: // LONG1
    case 0x8b: { // LONG4
        CLIP_TRY_ASSIGN(const std::uint64_t size, integer(code == 0x8a ? 1 : 4));
        CLIP_TRY(pushLong(size));
        return true;
    }
    default:
        return false;
    }
    push(value);
    return true;
}

Result<bool> PickleReader::text(unsigned char code)
{
    int sizeBytes = 0;
    switch (code) {
    case 'U': // SHORT_BINSTRING
    case 'C': // SHORT_BINBYTES
    case 0x8c: // SHORT_BINUNICODE
        sizeBytes = 1;
        break;
    case 'T': // BINSTRING
    case 'X': // BINUNICODE
    case 'B': // BINBYTES
        sizeBytes = 4;
        break;
    case 0x8d: // BINUNICODE8
    case 0x8e: // BINBYTES8
    case 0x96: // BYTEARRAY8
        sizeBytes = 8;
        break;
    case 'S': // STRING, in quotes
    case 'V': { // UNICODE
        CLIP_TRY_ASSIGN(std::string_view raw, line());
        if (code == 'S' && raw.size() >= 2)
            raw = raw.substr(1, raw.size() - 2);
        PickleValue* value = make(Kind::Text);
        value->text = raw;
        push(value);
        return true;
    }
    default:
        return false;
    }
    CLIP_TRY_ASSIGN(const std::uint64_t size, integer(sizeBytes));
    CLIP_TRY(pushText(size));
    return true;
}

Status PickleReader::addEntries(PickleValue& target, const std::vector<PickleValue*>& flat)
{
    if (flat.size() % 2 != 0)
        return broken("A dictionary has a key without a value.");
    for (std::size_t i = 0; i < flat.size(); i += 2)
        target.entries.emplace_back(flat[i], flat[i + 1]);
    return {};
}

Result<bool> PickleReader::container(unsigned char code)
{
    switch (code) {
    case '(':
        push(make(Kind::Mark));
        return true;
    case '}':
        push(make(Kind::Dictionary));
        return true;
    case ']': // EMPTY_LIST
    case ')': // EMPTY_TUPLE
    case 0x8f: // EMPTY_SET
        push(make(Kind::Sequence));
        return true;
    case 't': // TUPLE
    case 'l': // LIST
    case 0x91: { // FROZENSET
        CLIP_TRY_ASSIGN(auto items, popToMark());
        PickleValue* value = make(Kind::Sequence);
        value->items = std::move(items);
        push(value);
        return true;
    }
    case 0x85: // TUPLE1
    case 0x86: // TUPLE2
    case 0x87: { // TUPLE3
        PickleValue* value = make(Kind::Sequence);
        for (int i = 0; i < code - 0x84; ++i) {
            CLIP_TRY_ASSIGN(PickleValue* const item, pop());
            value->items.insert(value->items.begin(), item);
        }
        push(value);
        return true;
    }
    case 'd': { // DICT
        CLIP_TRY_ASSIGN(const auto flat, popToMark());
        PickleValue* value = make(Kind::Dictionary);
        CLIP_TRY(addEntries(*value, flat));
        push(value);
        return true;
    }
    case 'a': { // APPEND
        CLIP_TRY_ASSIGN(PickleValue* const item, pop());
        CLIP_TRY_ASSIGN(PickleValue* const target, pop());
        target->items.push_back(item);
        push(target);
        return true;
    }
    case 'e': // APPENDS
    case 0x90: { // ADDITEMS
        CLIP_TRY_ASSIGN(const auto items, popToMark());
        CLIP_TRY_ASSIGN(PickleValue* const target, pop());
        target->items.insert(target->items.end(), items.begin(), items.end());
        push(target);
        return true;
    }
    case 's': { // SETITEM
        CLIP_TRY_ASSIGN(PickleValue* const value, pop());
        CLIP_TRY_ASSIGN(PickleValue* const key, pop());
        CLIP_TRY_ASSIGN(PickleValue* const target, pop());
        target->entries.emplace_back(key, value);
        push(target);
        return true;
    }
    case 'u': { // SETITEMS
        CLIP_TRY_ASSIGN(const auto flat, popToMark());
        CLIP_TRY_ASSIGN(PickleValue* const target, pop());
        CLIP_TRY(addEntries(*target, flat));
        push(target);
        return true;
    }
    default:
        return false;
    }
}

Result<bool> PickleReader::memo(unsigned char code)
{
    std::uint64_t key = 0;
    switch (code) {
    case '0': // POP; of a mark too
        if (m_stack.empty())
            return broken("The pickle takes a value that is not there.");
        m_stack.pop_back();
        return true;
    case '1': // POP_MARK
        CLIP_TRY(popToMark());
        return true;
    case '2': { // DUP
        CLIP_TRY_ASSIGN(PickleValue* const value, pop());
        push(value);
        push(value);
        return true;
    }
    case 'p':
    case 'g': {
        CLIP_TRY_ASSIGN(const std::string_view digits, line());
        const char* const stop = digits.data() + digits.size();
        if (std::from_chars(digits.data(), stop, key).ec != std::errc())
            return broken("The pickle has a number without digits.");
        break;
    }
    case 'q': // BINPUT
    case 'h': { // BINGET
        CLIP_TRY_ASSIGN(key, integer(1));
        break;
    }
    case 'r': // LONG_BINPUT
    case 'j': { // LONG_BINGET
        CLIP_TRY_ASSIGN(key, integer(4));
        break;
    }
    case 0x94: // MEMOIZE
        key = m_memo.size();
        break;
    default:
        return false;
    }
    const bool get = code == 'g' || code == 'h' || code == 'j';
    if (get) {
        const auto found = m_memo.find(key);
        if (found == m_memo.end())
            return broken("The pickle recalls a value that it never stored.");
        push(found->second);
    } else {
        CLIP_TRY_ASSIGN(PickleValue* const value, pop());
        m_memo[key] = value;
        push(value);
    }
    return true;
}

Status PickleReader::call(const PickleValue& callable, PickleValue* arguments)
{
    if (callable.kind == Kind::Global) {
        CLIP_TRY_ASSIGN(PickleValue* const made, m_construct(callable.text, arguments->items));
        if (made != nullptr) {
            push(made);
            return {};
        }
    }
    PickleValue* value = make(Kind::Opaque);
    if (callable.kind == Kind::Global)
        value->text = callable.text;
    push(value);
    return {};
}

Result<bool> PickleReader::object(unsigned char code)
{
    switch (code) {
    case 'c': { // GLOBAL
        CLIP_TRY_ASSIGN(const std::string_view module, line());
        CLIP_TRY_ASSIGN(const std::string_view name, line());
        CLIP_TRY(pushGlobal(module, name));
        return true;
    }
    case 0x93: { // STACK_GLOBAL
        CLIP_TRY_ASSIGN(const PickleValue* const name, pop());
        CLIP_TRY_ASSIGN(const PickleValue* const module, pop());
        if (module->kind != Kind::Text || name->kind != Kind::Text)
            return broken("The name of a class is no text.");
        CLIP_TRY(pushGlobal(module->text, name->text));
        return true;
    }
    case 'i': { // INST
        CLIP_TRY_ASSIGN(const std::string_view module, line());
        CLIP_TRY_ASSIGN(const std::string_view name, line());
        CLIP_TRY(popToMark());
        CLIP_TRY(pushGlobal(module, name));
        m_stack.back()->kind = Kind::Opaque;
        return true;
    }
    case 'o': { // OBJ
        CLIP_TRY_ASSIGN(const auto items, popToMark());
        PickleValue* value = make(Kind::Opaque);
        if (!items.empty() && items.front()->kind == Kind::Global)
            value->text = items.front()->text;
        push(value);
        return true;
    }
    case 0x92: // NEWOBJ_EX
        CLIP_TRY(pop());
        [[fallthrough]];
    case 'R': // REDUCE
    case 0x81: { // NEWOBJ
        CLIP_TRY_ASSIGN(PickleValue* const arguments, pop());
        CLIP_TRY_ASSIGN(const PickleValue* const callable, pop());
        CLIP_TRY(call(*callable, arguments));
        return true;
    }
    case 'b': // BUILD: attributes of an object, which no tensor needs
        CLIP_TRY(pop());
        return true;
    case 'P': // PERSID
    case 'Q': { // BINPERSID
        PickleValue* id = make(Kind::Text);
        if (code == 'P') {
            CLIP_TRY_ASSIGN(id->text, line());
        } else {
            CLIP_TRY_ASSIGN(id, pop());
        }
        CLIP_TRY_ASSIGN(PickleValue* const value, m_resolve(*id));
        push(value);
        return true;
    }
    default:
        return false;
    }
}

} // namespace clipscope::tensor
