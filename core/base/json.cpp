#include "base/json.h"

#include "base/files.h"

#include <algorithm>

namespace clipscope {

namespace {

std::string lineAndColumn(std::string_view text, std::size_t byte)
{
    const std::string_view before = text.substr(0, std::min(byte, text.size()));
    const auto lines = std::count(before.begin(), before.end(), '\n');
    const std::size_t lastBreak = before.rfind('\n');
    const std::size_t column
        = lastBreak == std::string_view::npos ? before.size() : before.size() - lastBreak - 1;
    return "line " + std::to_string(lines + 1) + ", column " + std::to_string(column);
}

/// Far more than any file of anybody's has; dump() and copies go as deep on the stack.
constexpr int deepestNesting = 500;

/// Collects the place of the first error of the parser, which otherwise only says "discarded".
class FirstError final : public nlohmann::detail::json_sax_dom_parser<Json>
{
public:
    explicit FirstError(Json& document)
        : json_sax_dom_parser(document, false)
    {
    }
    template<typename Exception>
    bool parse_error(std::size_t position, const std::string& token, const Exception& exception)
    {
        if (message.empty()) {
            byte = position;
            // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error ...".
            const std::string text = exception.what();
            const std::size_t detail = text.find(": ");
            message = detail == std::string::npos ? text : text.substr(detail + 2);
        }
        return json_sax_dom_parser::parse_error(position, token, exception);
    }
    bool start_object(std::size_t size)
    {
        return enters() && json_sax_dom_parser::start_object(size);
    }
    bool start_array(std::size_t size)
    {
        return enters() && json_sax_dom_parser::start_array(size);
    }
    bool end_object()
    {
        --m_depth;
        return json_sax_dom_parser::end_object();
    }
    bool end_array()
    {
        --m_depth;
        return json_sax_dom_parser::end_array();
    }

    std::optional<std::size_t> byte; ///< where that is known
    std::string message;

private:
    bool enters()
    {
        if (++m_depth > deepestNesting)
            message = "it is nested deeper than " + std::to_string(deepestNesting) + " levels";
        return message.empty();
    }
    int m_depth = 0;
};

} // namespace

Result<Json> parseJson(std::string_view text, const std::filesystem::path& file)
{
    Json root;
    FirstError handler(root);
    if (!Json::sax_parse(text, &handler))
        return fail(ErrorKind::BadInput, "The JSON is broken: " + handler.message + ".",
            { file, handler.byte ? lineAndColumn(text, *handler.byte) : std::string() });
    return root;
}

Result<Json> readJson(const std::filesystem::path& path)
{
    CLIP_TRY_ASSIGN(const std::string text, readFile(path));
    return parseJson(text, path);
}

Json toJson(const Error& error)
{
    Json json{ { "kind", errorKindName(error.kind) }, { "message", error.message },
        { "place", error.place.toString() } };
    if (!error.place.file.empty())
        json["file"] = utf8(error.place.file);
    if (!error.hint.empty())
        json["hint"] = error.hint;
    return json;
}

std::string dump(const Json& json, int indent)
{
    return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::optional<double> numberOf(const Json& object, const char* key)
{
    if (!object.is_object() || !object.contains(key) || !object[key].is_number())
        return std::nullopt;
    return object[key].get<double>();
}

std::optional<std::string> textOf(const Json& object, const char* key)
{
    if (!object.is_object() || !object.contains(key) || !object[key].is_string())
        return std::nullopt;
    return object[key].get<std::string>();
}

const Json& memberOf(const Json& object, const char* key)
{
    static const Json nothing;
    if (!object.is_object())
        return nothing;
    const auto found = object.find(key);
    return found == object.end() ? nothing : *found;
}

std::optional<std::pair<double, double>> pairOf(const Json& array)
{
    if (!array.is_array() || array.size() != 2 || !array[0].is_number() || !array[1].is_number())
        return std::nullopt;
    return std::pair{ array[0].get<double>(), array[1].get<double>() };
}

tl::unexpected<Error> anotherForm(
    const std::filesystem::path& name, std::string where, std::string_view wanted)
{
    return fail(ErrorKind::BadInput, "The JSON is of another form: " + std::string(wanted) + ".",
        { name, std::move(where) });
}

} // namespace clipscope
