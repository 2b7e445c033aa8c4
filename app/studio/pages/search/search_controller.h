#pragma once

#include "app/studio/lane.h"
#include "app/studio/model_service.h"

#include <QObject>
#include <QStringList>
#include <QTimer>

#include <optional>

namespace clipscope::studio {

struct Services;

/// What the page stands for at the moment.
enum class SearchScene {
    NoProject,
    Loading, ///< the checkpoint is being read
    NoModel, ///< none is installed
    Failed, ///< the checkpoint cannot be used
    NoVideos, ///< the project is empty
    NothingExtracted, ///< videos, but no features of them yet
    Start, ///< nothing is typed
    Results,
};

/// A video that was asked for by its number.
struct LocatedVideo
{
    widgets::VideoMoments video; ///< without moments
    double seconds = 0.0; ///< where to stand
};

/// The Search page without its widgets: when to ask the model, what the answers mean, what was
/// asked before.
///
/// While the words change, curves are asked for at once and moments after 150 ms of rest; a
/// committed query does not wait.
/// Errors:  failed(); what was found stays.
/// Threads: GUI thread only; the catalogue is read in a lane.
class SearchController final : public QObject
{
    Q_OBJECT

public:
    SearchController(Services& services, QObject* parent);

    void type(const QString& text);
    void commit(const QString& text);
    QString query() const { return m_query; }
    /// The words have been of use: they go to the head of the recent ones.
    void rememberQuery();
    QStringList recentQueries() const;
    /// The user's watch-list: queries to come back to, newest first.
    QStringList pinnedQueries() const;
    bool isPinned() const { return pinnedQueries().contains(m_query); }
    /// Puts the query on the watch-list, or takes it off.
    void togglePin();
    const QStringList& suggestions() const { return m_suggestions; }

    SearchScene scene() const;
    const ModelState& model() const;
    /// "3 of 40 videos are not searchable yet: features are being extracted."; empty when all are.
    QString coverage() const;
    /// True between a changed query and its moments.
    bool isBusy() const { return m_rest.isActive() || m_waiting; }

    /// Curves of these follow the words as they are typed.
    void watch(const QList<qint64>& videoIds);
    /// Answered by located().
    void locate(qint64 videoId, double seconds);

Q_SIGNALS:
    void sceneChanged();
    void found(const clipscope::studio::SearchReply& reply);
    void stripsChanged(const clipscope::studio::StripsReply& reply);
    void located(const clipscope::studio::LocatedVideo& video);
    void failed(const clipscope::Error& error);

private:
    void search();
    void takeState(const ModelState& state);

    Services& m_services;
    QString m_query;
    QStringList m_suggestions;
    QList<qint64> m_watched;
    QTimer m_rest;
    QTimer m_growth; // while features are being extracted
    bool m_waiting = false; // for the moments of m_query
    int m_searchable = -1; // videos the last search could see
    Lane<LocatedVideo> m_lookup;
};

} // namespace clipscope::studio
