#pragma once

#include "labels/label_eaf.h"

#include <unordered_set>

namespace clipscope::labels {

// Private to the module.

void setAttribute(pugi::xml_node node, const char* name, const std::string& value);
/// Characters that XML 1.0 has no place for become U+FFFD.
std::string forXml(std::string_view text);

/// Everything of an EAF document but its tiers: head, media, origin, types and vocabularies.
/// Threads: one thread at a time. What it is made of must outlive it.
class EafHead final
{
public:
    EafHead(pugi::xml_node root, const std::filesystem::path& path, const Annotation& annotation,
        const ExportInfo& info);

    /// Brings an older document to 3.0 and says where the export comes from.
    void write();
    /// Appends behind the last part of the same kind, or where the schema has it.
    pugi::xml_node addPart(std::string_view kind);
    pugi::xml_node part(const char* kind); ///< the first of a kind, made where it is missing
    pugi::xml_node partWith(const char* kind, const char* key, const std::string& id);
    /// The linguistic type of a tier that is new or gets another label set.
    std::string typeFor(const Tier& tier);
    /// Null when the export has no set of the tier's name.
    const LabelSet* setOf(const Tier& tier) const;
    void writeVocabulary(const LabelSet& labelSet);
    void setLastId(std::int64_t id);
    std::vector<std::string>& notes() { return m_notes; }

private:
    void writeMedia(pugi::xml_node header);
    void writeProperties(pugi::xml_node header);
    void modernise(pugi::xml_node vocabulary);
    void addLanguage();
    static void addValue(
        pugi::xml_node entry, const std::string& text, const std::string& description);

    pugi::xml_node m_root, m_lastIdProperty;
    std::filesystem::path m_path;
    const Annotation& m_annotation;
    const ExportInfo& m_info;
    std::unordered_set<std::string> m_vocabularies;
    std::vector<std::string> m_notes;
};

} // namespace clipscope::labels
