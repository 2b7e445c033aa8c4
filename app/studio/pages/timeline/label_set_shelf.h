#pragma once

#include "app/studio/lane.h"
#include "labels/label_set.h"

#include <QObject>
#include <QString>
#include <QThreadPool>
#include <QTimer>

#include <filesystem>
#include <map>
#include <vector>

namespace clipscope::studio {

/// The label sets of a project: read at once, changed here first and saved soon after.
/// Errors:  failed(): as labels::labelSetsIn(), labels::storeLabelSet(); what could not be saved
/// stays
///          here and is tried with the next change.
/// Threads: GUI thread only; the destructor waits for what is being saved.
class LabelSetShelf final : public QObject
{
    Q_OBJECT

public:
    explicit LabelSetShelf(QObject* parent = nullptr);
    ~LabelSetShelf() override;

    /// Answered by changed() or failed(). An empty folder: none.
    void open(const std::filesystem::path& project);
    void reload();
    /// By name.
    const std::vector<labels::LabelSet>& sets() const { return m_sets; }
    const labels::LabelSet* find(const std::string& name) const;
    /// Adds or replaces; saved within a second.
    void put(labels::LabelSet set);
    /// Another name; free() must be true for it.
    void rename(const std::string& from, const std::string& to);
    void remove(const std::string& name);
    bool free(const std::string& name) const { return !name.empty() && !find(name); }
    /// Saves now what waits.
    void flush();

Q_SIGNALS:
    /// Sets came or went, or were read.
    void changed();
    void failed(const clipscope::Error& error);

private:
    void order();
    void erase(const std::string& name);

    std::filesystem::path m_project;
    std::vector<labels::LabelSet> m_sets;
    std::map<std::string, labels::LabelSet> m_unsaved;
    QTimer m_soon;
    Lane<std::vector<labels::LabelSet>> m_lane;
    QThreadPool m_thread; ///< one: saves stay in order
};

} // namespace clipscope::studio
