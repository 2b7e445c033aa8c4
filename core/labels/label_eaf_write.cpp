#include "labels/label_eaf_head.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <unordered_set>

namespace clipscope::labels {

namespace {

std::string_view valueOf(const pugi::xml_node& node, const char* attribute)
{
    return node.attribute(attribute).value();
}

/// What an annotation of a time-alignable tier is known by when the old document is looked through.
struct Known
{
    std::int64_t startMs, stopMs;
    std::string value;
    bool operator==(const Known&) const = default;
};
struct KnownHash
{
    std::size_t operator()(const Known& known) const
    {
        return std::hash<std::string>()(known.value)
            ^ (static_cast<std::size_t>(known.startMs) * 0x9E3779B97F4A7C15u)
            ^ (static_cast<std::size_t>(known.stopMs) * 0xC2B2AE3D27D4EB4Fu);
    }
};

/// Brings a document, the one the labels came from or an empty one, to what the annotation says.
class EafWriter final
{
public:
    EafWriter(pugi::xml_document& document, const std::filesystem::path& path,
        const Annotation& annotation, const ExportInfo& info)
        : m_root(document.child("ANNOTATION_DOCUMENT"))
        , m_head(m_root, path, annotation, info)
        , m_annotation(annotation)
    {
    }

    std::vector<std::string> write()
    {
        m_originMs = eafTimeOriginMs(m_root);
        m_old = tiersOf(m_root);
        m_head.write();
        for (const EafAnnotation& old : m_old.annotations)
            if (!m_old.tiers[old.tier].isDetails) // those get new ones
                noteId(old.id);
        for (const pugi::xml_node& slot : m_head.part("TIME_ORDER").children("TIME_SLOT"))
            noteSlot(valueOf(slot, "TIME_SLOT_ID"));
        removeOldTiers();
        for (const Tier& tier : m_annotation.tiers)
            writeTier(tier);
        checkReferences();
        for (const Tier& tier : m_annotation.tiers)
            writeDetails(tier);
        orderTiers();
        orderSlots();
        m_head.setLastId(m_lastId);
        return std::move(m_head.notes());
    }

private:
    // ---- tiers ----

    std::int64_t msOf(double seconds) const
    {
        return std::max<std::int64_t>(std::llround(seconds * 1000.0 - m_originMs), 0);
    }

    void noteId(std::string_view id)
    {
        m_ids.emplace(id);
        if (id.starts_with('a'))
            m_lastId = std::max(m_lastId,
                std::clamp<std::int64_t>(
                    integerIn(id.substr(1)).value_or(0), 0, std::int64_t(1) << 40));
    }

    void noteSlot(std::string_view id)
    {
        if (id.starts_with("ts"))
            m_lastSlot = std::max(m_lastSlot,
                std::clamp<std::int64_t>(
                    integerIn(id.substr(2)).value_or(0), 0, std::int64_t(1) << 40));
    }

    /// Our details are made anew; tiers that the annotation has no more go.
    void removeOldTiers()
    {
        std::unordered_set<std::string> wanted;
        for (const Tier& tier : m_annotation.tiers)
            wanted.insert(forXml(tier.name));
        for (EafTier& tier : m_old.tiers) {
            if (!tier.isDetails && wanted.contains(tier.name)
                && m_byName.try_emplace(tier.name, &tier).second)
                continue;
            for (std::size_t at = tier.first; at < tier.stop; ++at)
                m_gone.insert(m_old.annotations[at].id);
            m_removed.push_back(tier.node);
        }
        // The texts of removed nodes live on in the document's buffer, ids may still refer to them.
        for (const pugi::xml_node& node : m_removed)
            m_root.remove_child(node);
    }

    /// Whether its annotations have time slots of their own; of an empty tier below another one
    /// nothing is known, so it counts as one that refers.
    static bool isAlignable(const EafTiers& all, const EafTier& tier)
    {
        for (std::size_t at = tier.first; at < tier.stop; ++at)
            if (!all.annotations[at].parentId.empty())
                return false;
        return tier.parent.empty() || tier.first < tier.stop;
    }

    /// A tier with times of its own below one that is gone stands for itself.
    void detachOrphan(const Tier& tier, const EafTier& old)
    {
        if (old.parent.empty() || m_byName.contains(old.parent))
            return;
        pugi::xml_node node = old.node;
        node.remove_attribute("PARENT_REF");
        setAttribute(node, "LINGUISTIC_TYPE_REF", m_head.typeFor(tier));
    }

    void writeTier(const Tier& tier)
    {
        const auto found = m_byName.find(forXml(tier.name));
        std::vector<pugi::xml_node>& nodes = m_nodes[&tier];
        pugi::xml_node node;
        if (found == m_byName.end()) {
            node = m_head.addPart("TIER");
            setAttribute(node, "LINGUISTIC_TYPE_REF", m_head.typeFor(tier));
            setAttribute(node, "TIER_ID", forXml(tier.name));
        } else {
            node = found->second->node;
            if (isAlignable(m_old, *found->second) && found->second->parent.empty()
                && tier.labelSet != found->second->vocabulary)
                setAttribute(node, "LINGUISTIC_TYPE_REF", m_head.typeFor(tier));
            else if (const LabelSet* labelSet = m_head.setOf(tier))
                m_head.writeVocabulary(*labelSet);
        }
        m_tierNodes[&tier] = node;
        if (tier.source == Source::Model)
            setAttribute(node, "ANNOTATOR", eafModel);
        else if (valueOf(node, "ANNOTATOR") == eafModel)
            node.remove_attribute("ANNOTATOR");
        if (found != m_byName.end() && !isAlignable(m_old, *found->second)) {
            m_referring.push_back(&tier); // needs to know which annotations stay
            return;
        }
        if (found != m_byName.end())
            detachOrphan(tier, *found->second);
        nodes = alignedNodes(tier, node, found == m_byName.end() ? nullptr : found->second);
    }

    /// One node for each segment: the old one where times and text are the same, else a new one.
    std::vector<pugi::xml_node> alignedNodes(
        const Tier& tier, pugi::xml_node tierNode, const EafTier* old)
    {
        std::unordered_map<Known, std::deque<std::size_t>, KnownHash> known;
        for (std::size_t at = old ? old->first : 0; old && at < old->stop; ++at) {
            const EafAnnotation& annotation = m_old.annotations[at];
            if (annotation.known)
                known[keyOf(annotation)].push_back(at);
        }
        std::vector<pugi::xml_node> nodes;
        std::unordered_set<std::size_t> kept;
        for (const Segment& segment : tier.segments) {
            const auto same = known.find(keyOf(segment));
            if (same != known.end() && !same->second.empty()) {
                nodes.push_back(m_old.annotations[same->second.front()].node);
                kept.insert(same->second.front());
                same->second.pop_front();
                continue;
            }
            nodes.push_back(addAnnotation(tierNode, segment));
        }
        for (std::size_t at = old ? old->first : 0; old && at < old->stop; ++at) {
            if (kept.contains(at))
                continue;
            m_gone.insert(m_old.annotations[at].id);
            pugi::xml_node holder = m_old.annotations[at].node.parent();
            tierNode.remove_child(holder);
        }
        return nodes;
    }

    static Known keyOf(const EafAnnotation& annotation)
    {
        return { std::llround(annotation.startMs), std::llround(annotation.stopMs),
            std::string(annotation.value) };
    }

    /// Events last a millisecond, ELAN has nothing shorter; their details say so.
    Known keyOf(const Segment& segment) const
    {
        const std::int64_t start = msOf(segment.startSeconds);
        return { start, std::max(msOf(segment.stopSeconds), start + 1), forXml(segment.label) };
    }

    std::string newSlot(std::int64_t ms)
    {
        std::string id = "ts" + std::to_string(++m_lastSlot);
        m_newSlots.emplace_back(ms, id);
        return id;
    }

    std::string newId()
    {
        std::string id;
        do
            id = std::to_string(++m_lastId).insert(0, 1, 'a');
        while (m_ids.contains(id));
        return id;
    }

    pugi::xml_node addAnnotation(pugi::xml_node tierNode, const Segment& segment)
    {
        const Known key = keyOf(segment);
        pugi::xml_node node
            = tierNode.append_child("ANNOTATION").append_child("ALIGNABLE_ANNOTATION");
        setAttribute(node, "ANNOTATION_ID", newId());
        setAttribute(node, "TIME_SLOT_REF1", newSlot(key.startMs));
        setAttribute(node, "TIME_SLOT_REF2", newSlot(key.stopMs));
        pugi::xml_node value = node.append_child("ANNOTATION_VALUE");
        if (!key.value.empty()) // as it is read back
            value.text().set(key.value.c_str());
        return node;
    }

    /// Tiers whose annotations refer to others stay as they are where nothing about them has
    /// changed; else they become tiers with times of their own.
    void checkReferences()
    {
        std::ranges::stable_sort(m_referring, {}, [&](const Tier* tier) { return depthOf(*tier); });
        for (const Tier* tier : m_referring) {
            EafTier& old = *m_byName.find(forXml(tier->name))->second;
            if (isUnchanged(*tier, old)) {
                m_nodes[tier] = nodesInOrder(old);
                continue;
            }
            m_head.notes().push_back("Tier " + tier->name
                + " was changed and depends no longer on tier " + old.parent + ".");
            old.node.remove_attribute("PARENT_REF");
            setAttribute(old.node, "LINGUISTIC_TYPE_REF", m_head.typeFor(*tier));
            for (std::size_t at = old.first; at < old.stop; ++at) {
                m_gone.insert(m_old.annotations[at].id);
                old.node.remove_child(m_old.annotations[at].node.parent());
            }
            for (const Segment& segment : tier->segments)
                m_nodes[tier].push_back(addAnnotation(old.node, segment));
        }
    }

    std::size_t depthOf(const Tier& tier) const
    {
        std::size_t depth = 0;
        auto found = m_byName.find(forXml(tier.name));
        for (; found != m_byName.end() && depth < 100; ++depth)
            found = m_byName.find(found->second->parent);
        return depth;
    }

    std::vector<std::size_t> inOrder(const EafTier& old) const
    {
        std::vector<std::size_t> order;
        for (std::size_t at = old.first; at < old.stop; ++at)
            order.push_back(at);
        std::ranges::stable_sort(order, {}, [&](std::size_t at) {
            return std::pair{ m_old.annotations[at].startMs, m_old.annotations[at].stopMs };
        });
        return order;
    }

    std::vector<pugi::xml_node> nodesInOrder(const EafTier& old) const
    {
        std::vector<pugi::xml_node> nodes;
        for (const std::size_t at : inOrder(old))
            nodes.push_back(m_old.annotations[at].node);
        return nodes;
    }

    bool isUnchanged(const Tier& tier, const EafTier& old) const
    {
        const std::vector<std::size_t> order = inOrder(old);
        if (order.size() != tier.segments.size() || tier.labelSet != old.vocabulary
            || !m_byName.contains(old.parent))
            return false;
        for (std::size_t at = 0; at < order.size(); ++at) {
            const EafAnnotation& annotation = m_old.annotations[order[at]];
            const Segment& segment = tier.segments[at];
            // Half of the resolution, and what snapping to a frame may have added.
            const auto near = [&](double ms, double seconds) {
                return std::abs(ms - (seconds * 1000.0 - m_originMs)) <= 0.501;
            };
            if (!annotation.known || m_gone.contains(annotation.parentId)
                || annotation.value != segment.label
                || !near(annotation.startMs, segment.startSeconds)
                || !near(annotation.stopMs, segment.stopSeconds))
                return false;
        }
        return true;
    }

    // ---- details ----

    void writeDetails(const Tier& tier)
    {
        const std::vector<pugi::xml_node>& nodes = m_nodes[&tier];
        pugi::xml_node details;
        for (std::size_t at = 0; at < tier.segments.size(); ++at) {
            Json json = detailsOf(tier, tier.segments[at]);
            if (tier.segments[at].seconds() <= 0.0)
                json["event"] = true;
            if (json.empty())
                continue;
            if (!details)
                details = addDetailsTier(tier);
            pugi::xml_node node = details.append_child("ANNOTATION").append_child("REF_ANNOTATION");
            setAttribute(node, "ANNOTATION_ID", newId());
            setAttribute(node, "ANNOTATION_REF", std::string(valueOf(nodes[at], "ANNOTATION_ID")));
            node.append_child("ANNOTATION_VALUE").text().set(dump(json).c_str());
        }
    }

    pugi::xml_node addDetailsTier(const Tier& tier)
    {
        if (!m_root.find_child_by_attribute(
                "LINGUISTIC_TYPE", "LINGUISTIC_TYPE_ID", eafDetailsType)) {
            pugi::xml_node type = m_head.addPart("LINGUISTIC_TYPE");
            setAttribute(type, "CONSTRAINTS", "Symbolic_Association");
            setAttribute(type, "GRAPHIC_REFERENCES", "false");
            setAttribute(type, "LINGUISTIC_TYPE_ID", eafDetailsType);
            setAttribute(type, "TIME_ALIGNABLE", "false");
            pugi::xml_node constraint
                = m_head.partWith("CONSTRAINT", "STEREOTYPE", "Symbolic_Association");
            if (!constraint.attribute("DESCRIPTION"))
                setAttribute(constraint, "DESCRIPTION", "1-1 association with a parent annotation");
        }
        std::string name = forXml(tier.name) + eafDetailsEnding;
        while (m_root.find_child_by_attribute("TIER", "TIER_ID", name.c_str()))
            name += "_";
        pugi::xml_node node = m_head.addPart("TIER");
        setAttribute(node, "LINGUISTIC_TYPE_REF", eafDetailsType);
        setAttribute(node, "PARENT_REF", forXml(tier.name));
        setAttribute(node, "TIER_ID", name);
        m_detailNodes.emplace(&tier, node);
        return node;
    }

    // ---- order ----

    void orderTiers()
    {
        const pugi::xml_node mark = m_head.addPart("TIER"); // behind all others
        for (const Tier& tier : m_annotation.tiers) {
            m_root.insert_move_before(m_tierNodes[&tier], mark);
            if (const auto details = m_detailNodes.find(&tier); details != m_detailNodes.end())
                m_root.insert_move_before(details->second, mark);
        }
        m_root.remove_child(mark);
    }

    /// Slots that are still used, old and new, by time; ones without a value stay behind the one
    /// they followed.
    void orderSlots()
    {
        std::unordered_set<std::string_view> used;
        for (const pugi::xml_node& tier : m_root.children("TIER"))
            for (const pugi::xml_node& holder : tier.children("ANNOTATION"))
                for (const char* end : { "TIME_SLOT_REF1", "TIME_SLOT_REF2" })
                    used.insert(valueOf(holder.child("ALIGNABLE_ANNOTATION"), end));
        pugi::xml_node order = m_head.part("TIME_ORDER");
        for (const auto& [ms, id] : m_newSlots) {
            pugi::xml_node slot = order.append_child("TIME_SLOT");
            setAttribute(slot, "TIME_SLOT_ID", id);
            setAttribute(slot, "TIME_VALUE", std::to_string(ms));
        }
        std::vector<std::pair<double, pugi::xml_node>> slots;
        double last = 0.0;
        for (const pugi::xml_node& slot : order.children("TIME_SLOT")) {
            const double ms = numberIn(valueOf(slot, "TIME_VALUE")).value_or(last);
            last = std::isfinite(ms) ? ms : last;
            slots.emplace_back(last, slot);
        }
        std::ranges::stable_sort(slots, {}, &std::pair<double, pugi::xml_node>::first);
        for (auto& [ms, slot] : slots) {
            if (used.contains(valueOf(slot, "TIME_SLOT_ID")))
                order.append_move(slot);
            else
                order.remove_child(slot);
        }
    }

    pugi::xml_node m_root;
    EafHead m_head;
    const Annotation& m_annotation;
    double m_originMs = 0.0;
    EafTiers m_old;
    std::unordered_map<std::string, EafTier*> m_byName;
    std::unordered_map<const Tier*, std::vector<pugi::xml_node>> m_nodes; ///< one per segment
    std::unordered_map<const Tier*, pugi::xml_node> m_tierNodes, m_detailNodes;
    std::vector<const Tier*> m_referring;
    std::vector<pugi::xml_node> m_removed;
    std::unordered_set<std::string_view> m_gone;
    std::unordered_set<std::string> m_ids;
    std::vector<std::pair<std::int64_t, std::string>> m_newSlots;
    std::int64_t m_lastId = 0, m_lastSlot = 0;
};

} // namespace

Result<LabelText> eafText(
    const std::filesystem::path& path, const Annotation& annotation, const ExportInfo& info)
{
    constexpr std::string_view empty
        = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ANNOTATION_DOCUMENT/>";
    pugi::xml_document document;
    CLIP_TRY(loadXml(document, info.kept.empty() ? empty : std::string_view(info.kept), eafParsing,
        "the kept document"));
    if (!document.child("ANNOTATION_DOCUMENT"))
        return fail(ErrorKind::BadInput, "What was kept of the imported file is no EAF document.");
    LabelText text;
    text.notes = EafWriter(document, path, annotation, info).write();
    struct Target final : pugi::xml_writer
    {
        std::string text;
        void write(const void* data, std::size_t size) override
        {
            text.append(static_cast<const char*>(data), size);
        }
    } target;
    document.save(target, "    ", pugi::format_default, pugi::encoding_utf8);
    text.content = std::move(target.text);
    return text;
}

} // namespace clipscope::labels
