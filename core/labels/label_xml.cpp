#include "labels/label_xml.h"

#include "labels/label_formats.h"

namespace clipscope::labels {

Status loadXml(pugi::xml_document& document, std::string_view content, unsigned options,
    const std::filesystem::path& name)
{
    const pugi::xml_parse_result result
        = document.load_buffer(content.data(), content.size(), options, pugi::encoding_utf8);
    if (result)
        return {};
    return fail(ErrorKind::BadInput,
        std::string("The XML is broken: ") + result.description() + ".",
        { name, LineFinder(content).lineOf(result.offset) });
}

} // namespace clipscope::labels
