#pragma once

#include "app/studio/lane.h"
#include "base/result.h"

#include <QObject>
#include <QString>

#include <filesystem>
#include <memory>

namespace clipscope::studio {

/// The project the window stands on, if any. It holds a place, not a connection: whoever reads
/// the catalogue opens it read-only on its own thread (milliseconds), and only jobs write.
///
/// Threads: GUI thread only; files are touched in a lane.
class ProjectSession final : public QObject
{
    Q_OBJECT

public:
    explicit ProjectSession(QObject* parent = nullptr);
    ~ProjectSession() override;

    bool isOpen() const { return !m_folder.empty(); }
    /// Empty when none is open.
    const std::filesystem::path& folder() const { return m_folder; }
    /// "holiday" for /films/holiday.clipscope.
    QString name() const;
    /// The folder cannot be written: nothing can be imported, extracted or trained.
    bool isReadOnly() const { return m_readOnly; }

    /// Answers with changed() or failed(); until then the old project stays.
    void open(const std::filesystem::path& folder);
    /// Makes an empty project first; one that is already there is opened.
    void create(const std::filesystem::path& folder);
    /// True between open()/create() and their answer.
    bool isOpening() const { return m_lane.isBusy(); }

    /// To be called by whoever learns that a job changed the folder's contents.
    void announceContents() { Q_EMIT contentsChanged(); }

Q_SIGNALS:
    /// Another project is open now, or none.
    void changed();
    /// Videos, captions, features, states or runs of the open project have changed on disk.
    void contentsChanged();
    void failed(const clipscope::Error& error);

private:
    struct Opened
    {
        std::filesystem::path folder;
        bool readOnly = false;
    };
    enum class IfMissing { Fail, Create };
    static Result<Opened> openFolder(const std::filesystem::path& folder, IfMissing ifMissing);
    void start(const std::filesystem::path& folder, IfMissing ifMissing);

    std::filesystem::path m_folder;
    bool m_readOnly = false;
    Lane<Opened> m_lane;
};

} // namespace clipscope::studio
