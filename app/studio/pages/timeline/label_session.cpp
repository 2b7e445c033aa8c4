#include "app/studio/pages/timeline/label_session.h"

#include "base/guarded.h"
#include "store/project.h"

#include <QMetaObject>

#include <algorithm>
#include <utility>

namespace clipscope::studio {

namespace {

constexpr int retryMilliseconds = 2000;
constexpr int clockMilliseconds = 5000;
constexpr int idleTicks = 6; ///< half a minute without a key or a click is no work any more

template<typename... Cases> struct Overloaded : Cases...
{
    using Cases::operator()...;
};
template<typename... Cases> Overloaded(Cases...) -> Overloaded<Cases...>;

} // namespace

struct LabelSession::Place
{
    std::filesystem::path project;
    std::string videoHash;
    store::Access access = store::Access::ReadWrite;
    std::optional<store::LabelStore> store; ///< opened by the first step; the store's thread
    std::int64_t revision = 0;

    Result<store::LabelStore*> opened()
    {
        if (!store) {
            CLIP_TRY_ASSIGN(store, store::LabelStore::open(project, access));
        }
        return &*store;
    }
    Result<store::LabelDocument> read()
    {
        CLIP_TRY_ASSIGN(const store::LabelStore* labels, opened());
        CLIP_TRY_ASSIGN(store::LabelDocument document, labels->read(videoHash));
        revision = document.revision;
        return document;
    }
};

LabelSession::LabelSession(QObject* parent)
    : QObject(parent)
    , m_annotation(std::make_shared<const labels::Annotation>())
{
    m_thread.setMaxThreadCount(1);
    m_retry.setSingleShot(true);
    m_retry.setInterval(retryMilliseconds);
    connect(&m_retry, &QTimer::timeout, this, &LabelSession::pump);
    m_clock.setInterval(clockMilliseconds);
    connect(&m_clock, &QTimer::timeout, this, [this] {
        m_idleTicks = std::exchange(m_active, false) ? 0 : m_idleTicks + 1;
        if (!m_isOpen || m_readOnly || m_idleTicks >= idleTicks)
            return;
        m_secondsSpent += clockMilliseconds / 1000.0;
        push(Spent{ clockMilliseconds / 1000.0 });
    });
}

LabelSession::~LabelSession()
{
    close();
    m_thread.waitForDone();
}

void LabelSession::open(const std::filesystem::path& project, const std::string& videoHash,
    double durationSeconds, bool readOnly)
{
    close();
    m_duration = durationSeconds;
    m_readOnly = readOnly;
    m_place = std::make_shared<Place>();
    m_place->project = project;
    m_place->videoHash = videoHash;
    m_place->access = readOnly ? store::Access::ReadOnly : store::Access::ReadWrite;
    reread();
}

void LabelSession::close()
{
    // What is not saved yet goes on in the background, in order, and is told nobody.
    if (m_place && !m_steps.empty()) {
        std::deque<Step> rest = std::exchange(m_steps, {});
        if (m_saving)
            rest.pop_front(); // it is at it
        m_thread.start([place = m_place, rest = std::move(rest)] {
            for (const Step& step : rest)
                static_cast<void>(guarded([&] { return save(*place, step); }));
        });
    }
    ++m_generation;
    m_steps.clear();
    m_waiting.clear();
    m_saving = false;
    m_retry.stop();
    m_clock.stop();
    m_place.reset();
    m_isOpen = false;
    m_annotation = std::make_shared<const labels::Annotation>();
    m_undoes.reset();
    m_redoes.reset();
}

void LabelSession::reread()
{
    m_thread.start([this, place = m_place, generation = m_generation] {
        auto document = std::make_shared<Result<store::LabelDocument>>(
            guarded([&] { return place->read(); }));
        QMetaObject::invokeMethod(this, [this, generation, document] {
            if (generation != m_generation)
                return;
            if (*document)
                take(std::move(**document));
            else
                Q_EMIT failed(document->error());
        });
    });
}

void LabelSession::take(store::LabelDocument document)
{
    const bool first = !std::exchange(m_isOpen, true);
    m_annotation = std::make_shared<const labels::Annotation>(std::move(document.annotation));
    m_nextId = document.nextId;
    m_undoes = std::move(document.undoes);
    m_redoes = std::move(document.redoes);
    m_review = document.review;
    m_secondsSpent = document.secondsSpent;
    m_idleTicks = idleTicks;
    m_clock.start();
    if (first)
        Q_EMIT opened();
    else
        Q_EMIT reloaded();
    Q_EMIT stateChanged();
}

bool LabelSession::isTurning() const
{
    return std::ranges::any_of(
        m_steps, [](const Step& step) { return std::holds_alternative<Turn>(step); });
}

void LabelSession::edit(Intention intention)
{
    if (!m_isOpen)
        return;
    noteActivity();
    if (isTurning())
        m_waiting.emplace_back(std::move(intention));
    else
        perform(intention);
}

void LabelSession::perform(const Intention& intention)
{
    if (m_readOnly) {
        Q_EMIT refused({ ErrorKind::Conflict, "The project is read-only.", {}, {}, {} });
        return;
    }
    Result<labels::Edit> made = intention(labels::Editing(*m_annotation, m_nextId, m_duration));
    if (!made) {
        Q_EMIT refused(made.error());
        return;
    }
    if (made->isEmpty())
        return;
    applyHere(*made);
    m_undoes = made->what;
    m_redoes.reset();
    push(std::move(*made));
}

void LabelSession::applyHere(const labels::Edit& edit)
{
    auto annotation = std::make_shared<labels::Annotation>(*m_annotation);
    if (const Status done = labels::apply(*annotation, edit); !done) {
        Q_EMIT failed(done.error());
        reread();
        return;
    }
    m_annotation = std::move(annotation);
    m_nextId = std::max(m_nextId, labels::highestId(edit) + 1);
    Q_EMIT changed(edit);
}

void LabelSession::undo()
{
    noteActivity();
    if (isTurning())
        m_waiting.emplace_back(Turn::Undo);
    else if (m_isOpen && !m_readOnly && m_undoes)
        push(Turn::Undo);
}

void LabelSession::redo()
{
    noteActivity();
    if (isTurning())
        m_waiting.emplace_back(Turn::Redo);
    else if (m_isOpen && !m_readOnly && m_redoes)
        push(Turn::Redo);
}

void LabelSession::setReview(store::ReviewState state)
{
    if (!m_isOpen || m_readOnly || state == m_review)
        return;
    noteActivity();
    m_review = state;
    push(Review{ state });
}

void LabelSession::keep(std::string_view format, std::string data)
{
    if (m_isOpen && !m_readOnly)
        push(Kept{ std::string(format), std::move(data) });
}

void LabelSession::noteActivity()
{
    m_active = true;
    m_idleTicks = 0;
}

void LabelSession::push(Step step)
{
    m_steps.push_back(std::move(step));
    pump();
    Q_EMIT stateChanged();
}

void LabelSession::pump()
{
    if (m_saving || m_steps.empty() || m_retry.isActive())
        return;
    m_saving = true;
    m_thread.start([this, place = m_place, step = m_steps.front(), generation = m_generation] {
        auto saved = std::make_shared<Result<Saved>>(guarded([&] { return save(*place, step); }));
        QMetaObject::invokeMethod(this, [this, generation, saved] {
            if (generation == m_generation)
                finish(std::move(*saved));
        });
    });
}

Result<LabelSession::Saved> LabelSession::save(Place& place, const Step& step)
{
    CLIP_TRY_ASSIGN(store::LabelStore * labels, place.opened());
    Saved saved;
    const auto turn = [&](Turn which) -> Status {
        CLIP_TRY_ASSIGN(saved.turned,
            which == Turn::Undo ? labels->undo(place.videoHash, place.revision)
                                : labels->redo(place.videoHash, place.revision));
        CLIP_TRY_ASSIGN(store::LabelDocument now, place.read());
        saved.undoes = std::move(now.undoes);
        saved.redoes = std::move(now.redoes);
        return {};
    };
    const auto apply = [&](const labels::Edit& edit) -> Status {
        CLIP_TRY_ASSIGN(place.revision, labels->apply(place.videoHash, place.revision, edit));
        return {};
    };
    CLIP_TRY(std::visit(
        Overloaded{ apply, turn,
            [&](const Review& review) { return labels->setReview(place.videoHash, review.state); },
            [&](const Spent& spent) {
                return labels->addSecondsSpent(place.videoHash, spent.seconds);
            },
            [&](const Kept& kept) {
                return labels->setKept(place.videoHash, kept.format, kept.data);
            } },
        step));
    return saved;
}

void LabelSession::finish(Result<Saved> saved)
{
    m_saving = false;
    if (!saved && saved.error().kind != ErrorKind::Conflict) {
        m_retry.start(); // the step stays the first
        Q_EMIT failed(saved.error());
        return;
    }
    const bool wasTurn = std::holds_alternative<Turn>(m_steps.front());
    m_steps.pop_front();
    if (!saved) {
        m_steps.clear(); // they build on what is not there
        m_waiting.clear();
        Q_EMIT failed(saved.error());
        reread();
        return;
    }
    if (wasTurn) {
        if (saved->turned)
            applyHere(*saved->turned);
        m_undoes = std::move(saved->undoes);
        m_redoes = std::move(saved->redoes);
        releaseWaiting();
    }
    pump();
    Q_EMIT stateChanged();
}

void LabelSession::releaseWaiting()
{
    while (!m_waiting.empty() && !isTurning()) {
        const auto next = std::move(m_waiting.front());
        m_waiting.pop_front();
        if (const auto* turn = std::get_if<Turn>(&next))
            *turn == Turn::Undo ? undo() : redo();
        else
            perform(std::get<Intention>(next));
    }
}

} // namespace clipscope::studio
