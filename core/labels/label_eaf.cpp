#include "labels/label_eaf.h"

#include <algorithm>
#include <limits>
#include <unordered_set>

namespace clipscope::labels {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

std::string_view valueOf(const pugi::xml_node& node, const char* attribute)
{
    return node.attribute(attribute).value();
}

bool isNamed(const pugi::xml_node& node, std::string_view name)
{
    return node.name() == name;
}

/// Gives every annotation its times: from time slots, or from the annotation it refers to.
class TimeFinder final
{
public:
    TimeFinder(const pugi::xml_node& root, EafTiers& all)
        : m_all(all)
    {
        for (const pugi::xml_node& slot : root.child("TIME_ORDER").children("TIME_SLOT"))
            if (const auto ms = numberIn(valueOf(slot, "TIME_VALUE")))
                m_slots.try_emplace(valueOf(slot, "TIME_SLOT_ID"), *ms);
    }

    void find()
    {
        for (const EafTier& tier : m_all.tiers)
            alignTier(tier);
        groupReferences();
        for (std::size_t at = 0; at < m_all.annotations.size(); ++at)
            resolve(at);
    }

private:
    double slot(const EafAnnotation& annotation, const char* attribute) const
    {
        const auto found = m_slots.find(valueOf(annotation.node, attribute));
        return found == m_slots.end() ? unknown : found->second;
    }

    /// Slots without a value: the annotations between two known times share what lies between.
    void alignTier(const EafTier& tier)
    {
        for (std::size_t first = tier.first; first < tier.stop;) {
            EafAnnotation& begin = m_all.annotations[first];
            if (!isNamed(begin.node, "ALIGNABLE_ANNOTATION")) {
                ++first;
                continue;
            }
            std::size_t last = first;
            const auto goesOn = [&] {
                return last + 1 < tier.stop
                    && slot(m_all.annotations[last], "TIME_SLOT_REF2")
                    != slot(m_all.annotations[last], "TIME_SLOT_REF2")
                    && valueOf(m_all.annotations[last].node, "TIME_SLOT_REF2")
                    == valueOf(m_all.annotations[last + 1].node, "TIME_SLOT_REF1");
            };
            while (goesOn())
                ++last;
            const double start = slot(begin, "TIME_SLOT_REF1");
            const double stop = slot(m_all.annotations[last], "TIME_SLOT_REF2");
            const auto count = static_cast<double>(last - first + 1);
            for (std::size_t at = first; at <= last; ++at) {
                EafAnnotation& annotation = m_all.annotations[at];
                annotation.known = start == start && stop == stop;
                annotation.startMs
                    = start + (stop - start) * static_cast<double>(at - first) / count;
                annotation.stopMs = at == last
                    ? stop
                    : start + (stop - start) * static_cast<double>(at - first + 1) / count;
            }
            first = last + 1;
        }
    }

    /// Annotations of one subdividing tier below one parent, in the order of their chain.
    void groupReferences()
    {
        m_share.assign(m_all.annotations.size(), { 0, 1 });
        for (const EafTier& tier : m_all.tiers) {
            if (!tier.subdivides)
                continue;
            std::unordered_map<std::string_view, std::vector<std::size_t>> groups;
            for (std::size_t at = tier.first; at < tier.stop; ++at)
                if (!m_all.annotations[at].parentId.empty())
                    groups[m_all.annotations[at].parentId].push_back(at);
            for (const auto& [parent, group] : groups)
                shareOut(group);
        }
    }

    void shareOut(const std::vector<std::size_t>& group)
    {
        std::unordered_map<std::string_view, std::size_t> after;
        for (const std::size_t at : group)
            after.try_emplace(valueOf(m_all.annotations[at].node, "PREVIOUS_ANNOTATION"), at);
        std::size_t position = 0;
        std::vector<std::size_t> ordered;
        for (auto next = after.find(std::string_view());
             next != after.end() && ordered.size() < group.size();
             next = after.find(m_all.annotations[ordered.back()].id))
            ordered.push_back(next->second);
        if (ordered.size() != group.size()) // a broken chain: as they stand in the file
            ordered = group;
        for (const std::size_t at : ordered)
            m_share[at] = { position++, group.size() };
    }

    /// Follows references without recursion: chains in foreign files may be long or closed.
    void resolve(std::size_t at)
    {
        std::vector<std::size_t> chain;
        while (!m_all.annotations[at].known && !m_all.annotations[at].parentId.empty()
            && m_visited.insert(at).second) {
            chain.push_back(at);
            const auto parent = m_all.byId.find(m_all.annotations[at].parentId);
            if (parent == m_all.byId.end())
                return;
            at = parent->second;
        }
        for (; !chain.empty(); chain.pop_back()) {
            const EafAnnotation& parent = m_all.annotations[at];
            if (!parent.known)
                return;
            at = chain.back();
            EafAnnotation& annotation = m_all.annotations[at];
            const auto [position, count] = m_share[at];
            const double step = (parent.stopMs - parent.startMs) / static_cast<double>(count);
            annotation.startMs = parent.startMs + step * static_cast<double>(position);
            annotation.stopMs = position + 1 == count
                ? parent.stopMs
                : parent.startMs + step * static_cast<double>(position + 1);
            annotation.known = true;
        }
    }

    EafTiers& m_all;
    std::unordered_map<std::string_view, double> m_slots;
    std::vector<std::pair<std::size_t, std::size_t>> m_share; ///< position and number in the group
    std::unordered_set<std::size_t> m_visited;
};

/// CV_ENTRY up to 2.7, CV_ENTRY_ML with values in several languages (the first counts) since 2.8.
/// In entries of ours the description holds the wordings.
LabelSet vocabularyOf(const pugi::xml_node& node)
{
    LabelSet set;
    set.name = valueOf(node, "CV_ID");
    std::unordered_set<std::string_view> seen;
    for (const pugi::xml_node& entry : node.children()) {
        const bool several = isNamed(entry, "CV_ENTRY_ML");
        if (!several && !isNamed(entry, "CV_ENTRY"))
            continue;
        const pugi::xml_node value = several ? entry.child("CVE_VALUE") : entry;
        const std::string_view name = value.child_value();
        if (!seen.insert(name).second)
            continue;
        Label label;
        label.name = name;
        const std::string_view description = valueOf(value, "DESCRIPTION");
        if (valueOf(entry, "CVE_ID").starts_with(eafEntry) && !description.empty())
            for (const std::string_view wording : splitAt(description, " | "))
                label.wordings.emplace_back(wording);
        set.labels.push_back(std::move(label));
    }
    return set;
}

class EafReader final
{
public:
    EafReader(
        std::string_view content, const std::filesystem::path& name, const ReadOptions& options)
        : m_content(content)
        , m_lines(content)
        , m_gatherer(Format::Eaf, name, options, 0.001)
    {
    }

    Result<LabelFile> read(const pugi::xml_node& root, const std::filesystem::path& name)
    {
        const std::string_view units = valueOf(root.child("HEADER"), "TIME_UNITS");
        if (!units.empty() && units != "milliseconds")
            return fail(ErrorKind::Unsupported,
                "The times of the file are not in milliseconds but in " + std::string(units) + ".",
                { name, m_lines.lineOf(root.child("HEADER").offset_debug()) });
        m_originMs = eafTimeOriginMs(root);
        m_all = tiersOf(root);
        m_gatherer.beginVideo(mediaOf(root.child("HEADER")));
        readDetails();
        for (const EafTier& tier : m_all.tiers)
            if (!tier.isDetails)
                readTier(tier);
        for (const pugi::xml_node& node : root.children("CONTROLLED_VOCABULARY"))
            if (LabelSet set = vocabularyOf(node); !set.labels.empty())
                m_gatherer.addLabelSet(std::move(set));
        m_gatherer.keep(std::string(m_content));
        return m_gatherer.finish();
    }

private:
    static std::string mediaOf(const pugi::xml_node& header)
    {
        const pugi::xml_node media = header.child("MEDIA_DESCRIPTOR");
        std::string url(valueOf(media, "MEDIA_URL"));
        if (url.empty())
            url = valueOf(media, "RELATIVE_MEDIA_URL");
        return url.substr(url.find_last_of("/\\") + 1);
    }

    /// Details by the annotation they belong to.
    void readDetails()
    {
        for (const EafTier& tier : m_all.tiers)
            for (std::size_t at = tier.first; tier.isDetails && at < tier.stop; ++at)
                m_details.try_emplace(m_all.annotations[at].parentId, m_all.annotations[at].value);
    }

    void readTier(const EafTier& tier)
    {
        TierHead home{ tier.name, Source::Hand, tier.vocabulary };
        if (valueOf(tier.node, "ANNOTATOR") == eafModel)
            home.source = Source::Model;
        m_gatherer.addTier(home);
        for (std::size_t at = tier.first; at < tier.stop; ++at) {
            const EafAnnotation& annotation = m_all.annotations[at];
            const std::string where = m_lines.lineOf(annotation.node.offset_debug());
            if (!annotation.known) {
                m_gatherer.problem("A segment was left out: its times are missing.", where);
                continue;
            }
            Segment segment{ 0, (annotation.startMs + m_originMs) / 1000.0,
                (annotation.stopMs + m_originMs) / 1000.0, std::string(annotation.value), {}, {},
                {}, {} };
            TierHead head = home;
            takeDetails(Json::object(), head, segment);
            if (const auto found = m_details.find(annotation.id);
                found != m_details.end() && !takeDetailsText(found->second, head, segment))
                m_gatherer.note("The details of a segment could not be read: " + where + ".");
            head.name = home.name;
            m_gatherer.add(head, std::move(segment), where);
        }
    }

    std::string_view m_content;
    LineFinder m_lines;
    Gatherer m_gatherer;
    EafTiers m_all;
    double m_originMs = 0.0;
    std::unordered_map<std::string_view, std::string_view> m_details;
};

} // namespace

double eafTimeOriginMs(const pugi::xml_node& root)
{
    const pugi::xml_node media = root.child("HEADER").child("MEDIA_DESCRIPTOR");
    return numberIn(valueOf(media, "TIME_ORIGIN")).value_or(0.0);
}

EafTiers tiersOf(const pugi::xml_node& root)
{
    struct Type
    {
        std::string constraint, vocabulary;
    };
    std::unordered_map<std::string_view, Type> types;
    for (const pugi::xml_node& node : root.children("LINGUISTIC_TYPE"))
        types.try_emplace(valueOf(node, "LINGUISTIC_TYPE_ID"),
            Type{ std::string(valueOf(node, "CONSTRAINTS")),
                std::string(valueOf(node, "CONTROLLED_VOCABULARY_REF")) });
    EafTiers all;
    for (const pugi::xml_node& node : root.children("TIER")) {
        EafTier tier;
        tier.node = node;
        tier.name = valueOf(node, "TIER_ID");
        tier.type = valueOf(node, "LINGUISTIC_TYPE_REF");
        tier.parent = valueOf(node, "PARENT_REF");
        tier.isDetails = tier.type == eafDetailsType;
        if (const auto type = types.find(tier.type); type != types.end()) {
            tier.subdivides = type->second.constraint == "Symbolic_Subdivision";
            tier.vocabulary = type->second.vocabulary;
        }
        tier.first = all.annotations.size();
        for (const pugi::xml_node& holder : node.children("ANNOTATION")) {
            pugi::xml_node entry = holder.child("ALIGNABLE_ANNOTATION");
            if (!entry)
                entry = holder.child("REF_ANNOTATION");
            if (!entry)
                continue;
            EafAnnotation annotation;
            annotation.node = entry;
            annotation.tier = all.tiers.size();
            annotation.id = valueOf(entry, "ANNOTATION_ID");
            annotation.value = entry.child("ANNOTATION_VALUE").child_value();
            annotation.parentId = valueOf(entry, "ANNOTATION_REF");
            all.byId.try_emplace(annotation.id, all.annotations.size());
            all.annotations.push_back(annotation);
        }
        tier.stop = all.annotations.size();
        all.tiers.push_back(std::move(tier));
    }
    TimeFinder(root, all).find();
    return all;
}

Result<LabelFile> readEaf(
    std::string_view content, const std::filesystem::path& name, const ReadOptions& options)
{
    pugi::xml_document document;
    CLIP_TRY(loadXml(document, content, eafParsing, name));
    const pugi::xml_node root = document.child("ANNOTATION_DOCUMENT");
    if (!root)
        return fail(ErrorKind::BadInput,
            "The XML is not ELAN's: its root is not <ANNOTATION_DOCUMENT>.",
            { name, lineNumber(0) });
    return EafReader(content, name, options).read(root, name);
}

} // namespace clipscope::labels
