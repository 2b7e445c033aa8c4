#include "app/studio/waveform_service.h"

#include "base/files.h"
#include "base/guarded.h"
#include "store/project.h"

#include <QCache>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

namespace clipscope::studio {

using SharedWaveform = std::shared_ptr<const media::Waveform>;

namespace {

constexpr int mostInMemory = 4; // videos; an hour takes 2 MB
constexpr std::uint64_t largestFile = 64U << 20U; // ten hours have less

std::filesystem::path cacheFile(const store::Project& project, const store::VideoRecord& video)
{
    return project.thumbnailsFolder() / (video.contentHash + ".waveform");
}

std::optional<media::Waveform> fromCache(const std::filesystem::path& file)
{
    const auto bytes = readFile(file, largestFile);
    if (!bytes)
        return std::nullopt;
    auto parsed = media::Waveform::parse(*bytes);
    if (!parsed)
        return std::nullopt;
    return std::move(*parsed);
}

void toCache(const std::filesystem::path& file, const media::Waveform& waveform)
{
    std::error_code ignored;
    std::filesystem::create_directories(file.parent_path(), ignored);
    // Only a cache: a read-only or full disk makes it slow, not wrong.
    static_cast<void>(writeFileAtomically(file, waveform.serialise()));
}

Result<media::Waveform> make(const store::Project& project, qint64 videoId,
    const std::stop_token& stop, const media::WaveformProgress& progress)
{
    const store::Catalogue& catalogue = project.catalogue();
    CLIP_TRY_ASSIGN(const auto video, catalogue.video(videoId));
    if (!video)
        return fail(ErrorKind::NotFound, "The video is not in the project any more.");
    const std::filesystem::path file = cacheFile(project, *video);
    if (auto known = fromCache(file))
        return std::move(*known);
    CLIP_TRY_ASSIGN(const std::string bytes, catalogue.frameIndex(videoId));
    CLIP_TRY_ASSIGN(const media::VideoIndex index, media::VideoIndex::parse(bytes));
    CLIP_TRY_ASSIGN(
        media::Waveform waveform, media::readWaveform(video->path, index, stop, progress));
    toCache(file, waveform);
    return waveform;
}

} // namespace

struct WaveformService::Impl
{
    struct Known
    {
        SharedWaveform waveform;
        bool isWhole = false;
    };
    struct Wish
    {
        std::optional<std::filesystem::path> folder; ///< first open this project
        std::optional<qint64> videoId;
        quint64 generation = 0;
        std::stop_token stop;
    };

    WaveformService& owner;
    QCache<qint64, Known> memory{ mostInMemory }; // GUI thread, as the three below
    std::optional<qint64> current; // being read
    quint64 generation = 0;
    std::stop_source operation;

    std::mutex mutex;
    std::condition_variable_any wake;
    Wish wish; // guarded by mutex

    std::jthread thread; // last: its thread uses everything above

    explicit Impl(WaveformService& service)
        : owner(service)
        , thread([this](const std::stop_token& stop) { work(stop); })
    {
    }

    /// What is being read is not wanted any more.
    void supersede()
    {
        ++generation;
        operation.request_stop();
        operation = std::stop_source();
        current.reset();
    }
    void work(const std::stop_token& stop);
    void read(const store::Project& project, const Wish& now);
    /// Runs `deliver` on the GUI thread unless the wish was superseded meanwhile.
    template<typename F> void post(quint64 of, F deliver)
    {
        QMetaObject::invokeMethod(
            &owner,
            [this, of, deliver = std::move(deliver)] {
                if (of == generation)
                    deliver();
            },
            Qt::QueuedConnection);
    }
};

void WaveformService::Impl::work(const std::stop_token& stop)
{
    std::optional<store::Project> project;
    for (;;) {
        Wish now;
        {
            std::unique_lock lock(mutex);
            if (!wake.wait(lock, stop, [this] { return wish.folder || wish.videoId; }))
                return;
            now = std::exchange(wish, {});
        }
        if (now.folder) {
            project.reset();
            // A project that cannot be opened is told by those who need more of it.
            auto opened = store::Project::open(*now.folder, store::Access::ReadOnly);
            if (opened)
                project.emplace(std::move(*opened));
        }
        if (!now.videoId)
            continue;
        if (project) {
            read(*project, now);
        } else {
            post(now.generation, [this, id = *now.videoId] {
                current.reset();
                Q_EMIT owner.failed(id, fail(ErrorKind::NotFound, "No project is open.").value());
            });
        }
    }
}

void WaveformService::Impl::read(const store::Project& project, const Wish& now)
{
    const qint64 id = *now.videoId;
    const auto progress = [&](std::span<const media::Peak> soFar, std::int64_t total) {
        const double part = static_cast<double>(soFar.size()) / static_cast<double>(total);
        if (part >= 1.0)
            return;
        auto some = std::make_shared<const media::Waveform>(
            std::vector<media::Peak>(soFar.begin(), soFar.end()));
        post(now.generation, [this, id, part, some = std::move(some)] {
            memory.insert(id, new Known{ some, false });
            Q_EMIT owner.progressed(id, part);
        });
    };
    auto made = guarded([&] { return make(project, id, now.stop, progress); });
    if (!made) {
        post(now.generation, [this, id, error = made.error()] {
            current.reset();
            Q_EMIT owner.failed(id, error);
        });
        return;
    }
    post(now.generation,
        [this, id, whole = std::make_shared<const media::Waveform>(std::move(*made))] {
            current.reset();
            memory.insert(id, new Known{ whole, true });
            Q_EMIT owner.ready(id);
        });
}

WaveformService::WaveformService(QObject* parent)
    : QObject(parent)
    , m_impl(std::make_unique<Impl>(*this))
{
}

WaveformService::~WaveformService()
{
    m_impl->operation.request_stop();
}

void WaveformService::setProject(const std::filesystem::path& folder)
{
    Impl& impl = *m_impl;
    impl.supersede();
    impl.memory.clear();
    {
        const std::scoped_lock lock(impl.mutex);
        impl.wish = { folder, std::nullopt, impl.generation, {} };
    }
    impl.wake.notify_one();
}

std::shared_ptr<const media::Waveform> WaveformService::waveform(qint64 videoId)
{
    Impl& impl = *m_impl;
    const Impl::Known* known = impl.memory.object(videoId);
    SharedWaveform now = known ? known->waveform : nullptr;
    if ((known && known->isWhole) || impl.current == videoId)
        return now;
    impl.supersede();
    impl.current = videoId;
    {
        const std::scoped_lock lock(impl.mutex);
        impl.wish.videoId = videoId; // a folder that waits to be opened stays
        impl.wish.generation = impl.generation;
        impl.wish.stop = impl.operation.get_token();
    }
    impl.wake.notify_one();
    return now;
}

} // namespace clipscope::studio
