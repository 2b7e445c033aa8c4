#include "app/studio/pages/timeline/label_set_shelf.h"

#include "base/guarded.h"
#include "labels/label_set_folder.h"

#include <algorithm>
#include <utility>

namespace clipscope::studio {

namespace {

constexpr int saveMilliseconds = 700;

} // namespace

LabelSetShelf::LabelSetShelf(QObject* parent)
    : QObject(parent)
    , m_lane(this)
{
    m_thread.setMaxThreadCount(1);
    m_soon.setSingleShot(true);
    m_soon.setInterval(saveMilliseconds);
    connect(&m_soon, &QTimer::timeout, this, &LabelSetShelf::flush);
}

LabelSetShelf::~LabelSetShelf()
{
    flush();
    m_thread.waitForDone();
}

void LabelSetShelf::open(const std::filesystem::path& project)
{
    flush();
    m_project = project;
    m_sets.clear();
    Q_EMIT changed();
    reload();
}

void LabelSetShelf::reload()
{
    if (m_project.empty())
        return;
    m_lane.run(
        [project = m_project](const std::stop_token&) {
            return labels::labelSetsIn(labels::labelSetsFolder(project));
        },
        [this](Result<std::vector<labels::LabelSet>> sets) {
            if (!sets) {
                Q_EMIT failed(sets.error());
                return;
            }
            m_sets = std::move(*sets);
            for (const auto& [name, set] : m_unsaved) {
                erase(name);
                m_sets.push_back(set);
            }
            order();
            Q_EMIT changed();
        });
}

const labels::LabelSet* LabelSetShelf::find(const std::string& name) const
{
    const auto found = std::ranges::find(m_sets, name, &labels::LabelSet::name);
    return found == m_sets.end() ? nullptr : &*found;
}

void LabelSetShelf::put(labels::LabelSet set)
{
    const bool isNew = !find(set.name);
    erase(set.name);
    m_unsaved.insert_or_assign(set.name, set);
    m_sets.push_back(std::move(set));
    order();
    m_soon.start();
    if (isNew)
        Q_EMIT changed();
}

void LabelSetShelf::rename(const std::string& from, const std::string& to)
{
    const labels::LabelSet* old = find(from);
    if (!old)
        return;
    labels::LabelSet renamed = *old;
    renamed.name = to;
    put(std::move(renamed));
    flush(); // the new file is there before the old one goes
    remove(from);
}

void LabelSetShelf::remove(const std::string& name)
{
    erase(name);
    m_unsaved.erase(name);
    m_thread.start([this, project = m_project, name] {
        const Status gone = guarded(
            [&] { return labels::removeLabelSet(labels::labelSetsFolder(project), name); });
        if (!gone)
            QMetaObject::invokeMethod(this, [this, error = gone.error()] { Q_EMIT failed(error); });
    });
    Q_EMIT changed();
}

void LabelSetShelf::flush()
{
    m_soon.stop();
    for (auto& [name, set] : std::exchange(m_unsaved, {}))
        m_thread.start([this, project = m_project, set = std::move(set)] {
            const Status saved = guarded(
                [&] { return labels::storeLabelSet(labels::labelSetsFolder(project), set); });
            if (!saved)
                QMetaObject::invokeMethod(this, [this, set, project, error = saved.error()] {
                    if (project == m_project)
                        m_unsaved.try_emplace(set.name, set);
                    Q_EMIT failed(error);
                });
        });
}

void LabelSetShelf::order()
{
    std::ranges::sort(m_sets, {}, &labels::LabelSet::name);
}

void LabelSetShelf::erase(const std::string& name)
{
    std::erase_if(m_sets, [&](const labels::LabelSet& set) { return set.name == name; });
}

} // namespace clipscope::studio
