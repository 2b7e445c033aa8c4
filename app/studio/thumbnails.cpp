#include "app/studio/thumbnails.h"

#include "base/files.h"
#include "base/guarded.h"
#include "media/decoder.h"
#include "store/project.h"
#include "widgets/common/format.h"

#include <QBuffer>
#include <QCache>
#include <QSet>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace clipscope::studio {

using widgets::ThumbnailKey;

namespace {

constexpr int memoryKibibytes = 96 * 1024;
constexpr std::size_t mostWaiting = 200; // two screens of tiles; older wishes are not seen any more
constexpr int jpegQuality = 88;

std::filesystem::path cacheFile(
    const store::Project& project, const store::VideoRecord& video, const ThumbnailKey& key)
{
    const std::string name = video.contentHash + "_" + std::to_string(key.milliseconds) + "_"
        + std::to_string(key.size.width()) + "x" + std::to_string(key.size.height()) + ".jpg";
    return project.thumbnailsFolder() / name;
}

QImage fromCache(const std::filesystem::path& file)
{
    const auto bytes = readFile(file, 16U << 20U);
    return bytes ? QImage::fromData(QByteArray::fromStdString(*bytes), "JPG") : QImage();
}

void toCache(const std::filesystem::path& file, const QImage& picture)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    if (!buffer.open(QIODevice::WriteOnly) || !picture.save(&buffer, "JPG", jpegQuality))
        return;
    std::error_code ignored;
    std::filesystem::create_directories(file.parent_path(), ignored);
    // Only a cache: a read-only or full disk makes it slow, not wrong.
    static_cast<void>(writeFileAtomically(file, bytes.toStdString()));
}

Result<QImage> make(
    const store::Project& project, const ThumbnailKey& key, const std::stop_token& stop)
{
    const store::Catalogue& catalogue = project.catalogue();
    CLIP_TRY_ASSIGN(const auto video, catalogue.video(key.videoId));
    if (!video)
        return QImage();
    const std::filesystem::path file = cacheFile(project, *video, key);
    if (const QImage known = fromCache(file); !known.isNull())
        return known;
    std::shared_ptr<const media::VideoIndex> index;
    if (const auto bytes = catalogue.frameIndex(key.videoId)) {
        if (auto parsed = media::VideoIndex::parse(*bytes))
            index = std::make_shared<const media::VideoIndex>(std::move(*parsed));
    }
    CLIP_TRY_ASSIGN(const media::RgbFrame frame,
        media::thumbnail(video->path, static_cast<double>(key.milliseconds) / 1000.0,
            media::DecodeSize::bounded(key.size.width(), key.size.height()), index, stop));
    QImage picture = QImage(frame.rgb.data(), frame.widthPixels, frame.heightPixels,
        qsizetype{ 3 } * frame.widthPixels, QImage::Format_RGB888)
                         .convertToFormat(QImage::Format_RGB32);
    toCache(file, picture);
    return picture;
}

} // namespace

struct Thumbnails::Impl
{
    Thumbnails& owner;
    QCache<ThumbnailKey, QImage> memory{ memoryKibibytes }; // GUI thread, as the three below
    QSet<ThumbnailKey> wished; // waiting, being made, or failed for good
    quint64 generation = 0;
    std::stop_source operation;

    std::mutex mutex;
    std::condition_variable_any wake;
    std::vector<ThumbnailKey> waiting; // guarded by mutex, as the three below; newest last
    std::optional<std::filesystem::path> folder; // set: open this project
    quint64 waitingGeneration = 0;
    std::stop_token waitingStop;

    std::jthread thread; // last: its thread uses everything above

    explicit Impl(Thumbnails& thumbnails)
        : owner(thumbnails)
        , thread([this](const std::stop_token& stop) { work(stop); })
    {
    }

    void work(const std::stop_token& stop);
    void take(quint64 of, const ThumbnailKey& key, const QImage& picture);
};

void Thumbnails::Impl::work(const std::stop_token& stop)
{
    std::optional<store::Project> project;
    for (;;) {
        std::optional<ThumbnailKey> key;
        std::optional<std::filesystem::path> place;
        quint64 of = 0;
        std::stop_token operationStop;
        {
            std::unique_lock lock(mutex);
            if (!wake.wait(lock, stop, [this] { return folder || !waiting.empty(); }))
                return;
            place = std::exchange(folder, std::nullopt);
            if (!waiting.empty()) {
                key = waiting.back();
                waiting.pop_back();
            }
            of = waitingGeneration;
            operationStop = waitingStop;
        }
        if (place) {
            project.reset();
            // A project that cannot be opened is told by those who need more of it than pictures.
            auto opened = store::Project::open(*place, store::Access::ReadOnly);
            if (opened)
                project.emplace(std::move(*opened));
        }
        if (!key)
            continue;
        QImage picture;
        if (project) {
            if (auto made = guarded([&] { return make(*project, *key, operationStop); }))
                picture = *made;
        }
        QMetaObject::invokeMethod(
            &owner, [this, of, wish = *key, picture] { take(of, wish, picture); },
            Qt::QueuedConnection);
    }
}

void Thumbnails::Impl::take(quint64 of, const ThumbnailKey& key, const QImage& picture)
{
    if (of != generation)
        return;
    if (!picture.isNull()) {
        wished.remove(key);
        memory.insert(key, new QImage(picture),
            std::max<qsizetype>(1, static_cast<qsizetype>(picture.sizeInBytes() / 1024)));
    }
    Q_EMIT owner.ready(key);
}

Thumbnails::Thumbnails(QObject* parent)
    : ThumbnailSource(parent)
    , m_impl(std::make_unique<Impl>(*this))
{
}

Thumbnails::~Thumbnails()
{
    m_impl->operation.request_stop();
}

void Thumbnails::setProject(const std::filesystem::path& folder)
{
    Impl& impl = *m_impl;
    impl.memory.clear();
    impl.wished.clear();
    ++impl.generation;
    impl.operation.request_stop();
    impl.operation = std::stop_source();
    {
        const std::scoped_lock lock(impl.mutex);
        impl.waiting.clear();
        impl.folder = folder;
        impl.waitingGeneration = impl.generation;
        impl.waitingStop = impl.operation.get_token();
    }
    impl.wake.notify_one();
}

QImage Thumbnails::thumbnail(const ThumbnailKey& key)
{
    Impl& impl = *m_impl;
    if (const QImage* known = impl.memory.object(key))
        return *known;
    if (impl.wished.contains(key))
        return {};
    impl.wished.insert(key);
    {
        const std::scoped_lock lock(impl.mutex);
        impl.waiting.push_back(key);
        if (impl.waiting.size() > mostWaiting) {
            impl.wished.remove(impl.waiting.front()); // may be asked for again
            impl.waiting.erase(impl.waiting.begin());
        }
    }
    impl.wake.notify_one();
    return {};
}

} // namespace clipscope::studio
