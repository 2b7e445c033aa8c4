#include "labels/label_eaf_head.h"

#include "base/files.h"

#include <algorithm>
#include <array>
#include <ctime>

namespace clipscope::labels {

namespace {

/// The order that the schema asks for.
constexpr std::array<std::string_view, 12> partOrder{ "LICENSE", "HEADER", "TIME_ORDER", "TIER",
    "LINGUISTIC_TYPE", "LOCALE", "LANGUAGE", "CONSTRAINT", "CONTROLLED_VOCABULARY", "LEXICON_REF",
    "REF_LINK_SET", "EXTERNAL_REF" };
constexpr const char* undetermined = "und";

std::string_view valueOf(const pugi::xml_node& node, const char* attribute)
{
    return node.attribute(attribute).value();
}

std::string now()
{
    const std::time_t seconds = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S+00:00", &parts);
    return text;
}

} // namespace

void setAttribute(pugi::xml_node node, const char* name, const std::string& value)
{
    pugi::xml_attribute attribute = node.attribute(name);
    if (!attribute)
        attribute = node.append_attribute(name);
    attribute.set_value(value.c_str());
}

/// Characters that XML 1.0 has no place for become U+FFFD.
std::string forXml(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 && c != '\t' && c != '\n' && c != '\r')
            out += "\uFFFD";
        else
            out += c;
    }
    return out;
}

EafHead::EafHead(pugi::xml_node root, const std::filesystem::path& path,
    const Annotation& annotation, const ExportInfo& info)
    : m_root(root)
    , m_path(path)
    , m_annotation(annotation)
    , m_info(info)
{
}

// ---- places ----

/// Appends behind the last part of the same kind, or where the schema has it.
pugi::xml_node EafHead::addPart(std::string_view kind)
{
    const auto place = std::ranges::find(partOrder, kind);
    pugi::xml_node before;
    for (const pugi::xml_node& node : m_root.children()) {
        const auto other = std::ranges::find(partOrder, std::string_view(node.name()));
        if (other != partOrder.end() && other > place) {
            before = node;
            break;
        }
    }
    const std::string name(kind);
    return before ? m_root.insert_child_before(name.c_str(), before)
                  : m_root.append_child(name.c_str());
}

pugi::xml_node EafHead::part(const char* kind)
{
    const pugi::xml_node found = m_root.child(kind);
    return found ? found : addPart(kind);
}

pugi::xml_node EafHead::partWith(const char* kind, const char* key, const std::string& id)
{
    pugi::xml_node node = m_root.find_child_by_attribute(kind, key, id.c_str());
    if (!node) {
        node = addPart(kind);
        setAttribute(node, key, id);
    }
    return node;
}

// ---- head ----

void EafHead::write()
{
    setAttribute(m_root, "FORMAT", "3.0");
    setAttribute(m_root, "VERSION", "3.0");
    setAttribute(m_root, "DATE", now());
    if (!m_root.attribute("AUTHOR"))
        setAttribute(m_root, "AUTHOR", "");
    setAttribute(m_root, "xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance");
    setAttribute(
        m_root, "xsi:noNamespaceSchemaLocation", "http://www.mpi.nl/tools/elan/EAFv3.0.xsd");
    pugi::xml_node header = part("HEADER");
    setAttribute(header, "MEDIA_FILE", "");
    setAttribute(header, "TIME_UNITS", "milliseconds");
    writeMedia(header);
    writeProperties(header);
    for (pugi::xml_node vocabulary : m_root.children("CONTROLLED_VOCABULARY"))
        modernise(vocabulary);
}

void EafHead::writeMedia(pugi::xml_node header)
{
    if (m_info.videoPath.empty())
        return;
    const std::string file = utf8(m_info.videoPath.filename());
    pugi::xml_node media;
    for (const pugi::xml_node& node : header.children("MEDIA_DESCRIPTOR"))
        if (!media && meansVideo(valueOf(node, "MEDIA_URL"), file))
            media = node;
    if (!media && header.child("MEDIA_DESCRIPTOR")) {
        m_notes.push_back("The file keeps the media it named; " + file + " is not among them.");
        return;
    }
    if (!media)
        media = header.prepend_child("MEDIA_DESCRIPTOR");
    setAttribute(media, "MEDIA_URL", "file://" + utf8(m_info.videoPath));
    const std::filesystem::path folder = std::filesystem::absolute(m_path).parent_path();
    const std::filesystem::path relative = m_info.videoPath.lexically_relative(folder);
    if (!relative.empty())
        setAttribute(
            media, "RELATIVE_MEDIA_URL", (*relative.begin() == ".." ? "" : "./") + utf8(relative));
    if (!media.attribute("MIME_TYPE"))
        setAttribute(
            media, "MIME_TYPE", m_info.videoPath.extension() == ".mp4" ? "video/mp4" : "video/*");
}

void EafHead::writeProperties(pugi::xml_node header)
{
    for (pugi::xml_node node = header.child("PROPERTY"); node;) {
        const pugi::xml_node next = node.next_sibling("PROPERTY");
        if (valueOf(node, "NAME").starts_with(eafProperty))
            header.remove_child(node);
        else if (valueOf(node, "NAME") == "lastUsedAnnotationId")
            m_lastIdProperty = node;
        node = next;
    }
    if (!m_lastIdProperty)
        m_lastIdProperty = header.append_child("PROPERTY");
    const Json origin = originOf(m_annotation, m_info);
    for (const auto& [key, value] : origin.items()) {
        pugi::xml_node node = header.append_child("PROPERTY");
        setAttribute(node, "NAME", eafProperty + key);
        node.text().set(forXml(value.is_string() ? value.get<std::string>() : dump(value)).c_str());
    }
}

/// Vocabularies of 2.7 have one language and no wrapper around it.
void EafHead::modernise(pugi::xml_node vocabulary)
{
    if (!vocabulary.child("CV_ENTRY"))
        return;
    addLanguage();
    if (pugi::xml_attribute description = vocabulary.attribute("DESCRIPTION")) {
        pugi::xml_node node = vocabulary.prepend_child("DESCRIPTION");
        setAttribute(node, "LANG_REF", undetermined);
        node.text().set(description.value());
        vocabulary.remove_attribute(description);
    }
    for (pugi::xml_node entry : vocabulary.children("CV_ENTRY")) {
        const std::string text = entry.child_value();
        const std::string description = entry.attribute("DESCRIPTION").value();
        while (entry.first_child())
            entry.remove_child(entry.first_child());
        entry.remove_attribute("DESCRIPTION");
        addValue(entry, text, description);
    }
    std::size_t number = 0;
    for (pugi::xml_node entry = vocabulary.child("CV_ENTRY"); entry;
         entry = vocabulary.child("CV_ENTRY")) {
        entry.set_name("CV_ENTRY_ML");
        if (!entry.attribute("CVE_ID"))
            setAttribute(entry, "CVE_ID", "cve_" + std::to_string(++number));
    }
}

void EafHead::addLanguage()
{
    pugi::xml_node language = partWith("LANGUAGE", "LANG_ID", undetermined);
    if (!language.attribute("LANG_DEF"))
        setAttribute(language, "LANG_DEF", "http://cdb.iso.org/lg/CDB-00130975-001");
    if (!language.attribute("LANG_LABEL"))
        setAttribute(language, "LANG_LABEL", "undetermined (und)");
}

void EafHead::addValue(
    pugi::xml_node entry, const std::string& text, const std::string& description)
{
    pugi::xml_node value = entry.append_child("CVE_VALUE");
    if (!description.empty())
        setAttribute(value, "DESCRIPTION", forXml(description));
    setAttribute(value, "LANG_REF", undetermined);
    value.text().set(forXml(text).c_str());
}

// ---- vocabularies and types ----

const LabelSet* EafHead::setOf(const Tier& tier) const
{
    const auto found = std::ranges::find(m_info.labelSets, tier.labelSet, &LabelSet::name);
    return tier.labelSet.empty() || found == m_info.labelSets.end() ? nullptr : &*found;
}

void EafHead::writeVocabulary(const LabelSet& labelSet)
{
    if (!m_vocabularies.insert(labelSet.name).second)
        return;
    addLanguage();
    pugi::xml_node node = partWith("CONTROLLED_VOCABULARY", "CV_ID", forXml(labelSet.name));
    std::unordered_set<std::string> present, ids;
    for (const pugi::xml_node& entry : node.children("CV_ENTRY_ML")) {
        ids.emplace(valueOf(entry, "CVE_ID"));
        present.emplace(entry.child("CVE_VALUE").child_value());
    }
    if (!node.child("DESCRIPTION"))
        setAttribute(node.prepend_child("DESCRIPTION"), "LANG_REF", undetermined);
    std::size_t number = 0;
    for (const Label& label : labelSet.labels) {
        if (present.contains(forXml(label.name)))
            continue;
        std::string id;
        do
            id = eafEntry + std::to_string(++number);
        while (!ids.insert(id).second);
        pugi::xml_node entry = node.append_child("CV_ENTRY_ML");
        setAttribute(entry, "CVE_ID", id);
        std::string wordings;
        for (const std::string& wording : label.wordings)
            wordings += (wordings.empty() ? "" : " | ") + wording;
        addValue(entry, label.name, wordings);
    }
}

/// The linguistic type of a tier that is new or gets another label set.
std::string EafHead::typeFor(const Tier& tier)
{
    const LabelSet* labelSet = setOf(tier);
    if (labelSet)
        writeVocabulary(*labelSet);
    const std::string vocabulary = forXml(tier.labelSet);
    std::string id = vocabulary.empty() ? eafLabelType : vocabulary;
    for (std::size_t number = 2;; ++number) {
        pugi::xml_node type
            = m_root.find_child_by_attribute("LINGUISTIC_TYPE", "LINGUISTIC_TYPE_ID", id.c_str());
        if (type && valueOf(type, "CONTROLLED_VOCABULARY_REF") == vocabulary
            && !type.attribute("CONSTRAINTS"))
            return id;
        if (!type) {
            type = addPart("LINGUISTIC_TYPE");
            if (!vocabulary.empty()) {
                setAttribute(type, "CONTROLLED_VOCABULARY_REF", vocabulary);
                if (!labelSet) // named by the tier, but its labels are not here
                    writeVocabulary({ tier.labelSet, {}, {} });
            }
            setAttribute(type, "GRAPHIC_REFERENCES", "false");
            setAttribute(type, "LINGUISTIC_TYPE_ID", id);
            setAttribute(type, "TIME_ALIGNABLE", "true");
            return id;
        }
        id = (vocabulary.empty() ? eafLabelType : vocabulary) + "-" + std::to_string(number);
    }
}

void EafHead::setLastId(std::int64_t id)
{
    setAttribute(m_lastIdProperty, "NAME", "lastUsedAnnotationId");
    m_lastIdProperty.text().set(std::to_string(id).c_str());
}

} // namespace clipscope::labels
