// A small C interface over FAISS indexes by inner product. Every function returns 0, or 1 with the reason in `error`; no exception leaves it.
// One writer at a time; any number of searches between its calls. All work is done by the calling thread.
#include <faiss/Index.h>
#include <faiss/IndexFlatCodes.h>
#include <faiss/IndexHNSW.h>
#include <faiss/IndexIVF.h>
#include <faiss/IndexIVFPQ.h>
#include <faiss/impl/AuxIndexStructures.h>
#include <faiss/impl/DistanceComputer.h>
#include <faiss/index_factory.h>
#include <faiss/utils/Heap.h>

#include <omp.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>
#include <vector>

#define ACTORS_EXPORT extern "C" __attribute__((visibility("default")))

namespace {

using idx_t = faiss::Index::idx_t;

struct Handle {
    std::unique_ptr<faiss::Index> index;
    faiss::IndexHNSW* hnsw = nullptr;
    faiss::IndexIVF* ivf = nullptr;
    int32_t breadth = 1;
};

// HNSW wants distances: less is nearer. Counts what it compares.
struct NegatedProduct : faiss::DistanceComputer {
    std::unique_ptr<faiss::DistanceComputer> product;
    int64_t compared = 0;

    explicit NegatedProduct(faiss::DistanceComputer* inner) : product(inner) {}

    void set_query(const float* x) override {
        product->set_query(x);
    }

    float operator()(idx_t i) override {
        compared++;
        return -(*product)(i);
    }

    float symmetric_dis(idx_t i, idx_t j) override {
        return -product->symmetric_dis(i, j);
    }
};

template <typename Work>
int32_t guarded(char* error, int32_t error_bytes, Work work) {
    try {
        omp_set_num_threads(1); // of the calling thread; with more of them the graph would depend on timing
        work();
        return 0;
    } catch (const std::exception& exception) {
        std::snprintf(error, static_cast<size_t>(error_bytes), "%s", exception.what());
    } catch (...) {
        std::snprintf(error, static_cast<size_t>(error_bytes), "unknown C++ exception");
    }
    return 1;
}

int64_t search_hnsw(const faiss::IndexHNSW& index, const float* query, int32_t count, idx_t* ids, float* distances) {
    thread_local std::unique_ptr<faiss::VisitedTable> visited;
    if (!visited || visited->visited.size() < static_cast<size_t>(index.ntotal))
        visited = std::make_unique<faiss::VisitedTable>(static_cast<int>(index.ntotal + index.ntotal / 4));
    NegatedProduct computer(index.storage->get_distance_computer());
    computer.set_query(query);
    faiss::maxheap_heapify(static_cast<size_t>(count), distances, ids);
    visited->advance(); // whatever an earlier search left marked, also one that failed
    index.hnsw.search(computer, count, ids, distances, *visited);
    return computer.compared;
}

int64_t search_ivf(const faiss::IndexIVF& index, const float* query, int32_t count, int32_t breadth, idx_t* ids, float* distances) {
    idx_t probes = std::min<idx_t>(breadth, static_cast<idx_t>(index.nlist));
    std::vector<idx_t> lists(static_cast<size_t>(probes));
    std::vector<float> near(static_cast<size_t>(probes));
    index.quantizer->search(1, query, probes, near.data(), lists.data());
    int64_t compared = static_cast<int64_t>(index.nlist);
    for (idx_t list : lists)
        if (list >= 0)
            compared += static_cast<int64_t>(index.invlists->list_size(static_cast<size_t>(list)));
    faiss::SearchParametersIVF parameters;
    parameters.nprobe = static_cast<size_t>(probes);
    faiss::IndexIVFStats stats;
    index.search_preassigned(1, query, count, lists.data(), near.data(), distances, ids, false, &parameters, &stats);
    return compared;
}

} // namespace

ACTORS_EXPORT int32_t actors_faiss_abi() {
    return 1;
}

// `factory` is a FAISS factory string; `construction` is the width of HNSW's walks while building and ignored by others.
ACTORS_EXPORT int32_t actors_faiss_create(int32_t dimension, const char* factory, int32_t construction, void** created, char* error, int32_t error_bytes) {
    return guarded(error, error_bytes, [&] {
        auto handle = std::make_unique<Handle>();
        handle->index.reset(faiss::index_factory(dimension, factory, faiss::METRIC_INNER_PRODUCT));
        handle->hnsw = dynamic_cast<faiss::IndexHNSW*>(handle->index.get());
        handle->ivf = dynamic_cast<faiss::IndexIVF*>(handle->index.get());
        if (handle->hnsw)
            handle->hnsw->hnsw.efConstruction = construction;
        if (handle->ivf)
            handle->ivf->cp.min_points_per_centroid = 1; // the caller knows how few keys there are; no warning on the error stream
        if (auto* pq = dynamic_cast<faiss::IndexIVFPQ*>(handle->ivf))
            pq->pq.cp.min_points_per_centroid = 1;
        *created = handle.release();
    });
}

ACTORS_EXPORT void actors_faiss_destroy(void* handle) {
    delete static_cast<Handle*>(handle);
}

ACTORS_EXPORT int32_t actors_faiss_train(void* handle, int64_t count, const float* rows, char* error, int32_t error_bytes) {
    return guarded(error, error_bytes, [&] { static_cast<Handle*>(handle)->index->train(count, rows); });
}

ACTORS_EXPORT int32_t actors_faiss_add(void* handle, int64_t count, const float* rows, char* error, int32_t error_bytes) {
    return guarded(error, error_bytes, [&] { static_cast<Handle*>(handle)->index->add(count, rows); });
}

ACTORS_EXPORT int32_t actors_faiss_reset(void* handle, char* error, int32_t error_bytes) {
    return guarded(error, error_bytes, [&] { static_cast<Handle*>(handle)->index->reset(); });
}

ACTORS_EXPORT int64_t actors_faiss_size(void* handle) {
    return static_cast<Handle*>(handle)->index->ntotal;
}

// How widely searches look from now on: efSearch of HNSW, nprobe of IVF. The writer's call.
ACTORS_EXPORT void actors_faiss_set_breadth(void* handle, int32_t breadth) {
    Handle& self = *static_cast<Handle*>(handle);
    self.breadth = breadth;
    if (self.hnsw)
        self.hnsw->hnsw.efSearch = breadth; // the width is taken from here alone, whatever a search's own parameters say
}

// Ids are -1 where fewer than `count` were found. `compared` receives keys and centroids compared.
ACTORS_EXPORT int32_t actors_faiss_search(void* handle, const float* query, int32_t count, int64_t* ids, float* scores, int64_t* compared, char* error, int32_t error_bytes) {
    return guarded(error, error_bytes, [&] {
        const Handle& self = *static_cast<Handle*>(handle);
        std::fill(ids, ids + count, static_cast<int64_t>(-1));
        if (self.index->ntotal == 0 || count == 0)
            *compared = 0;
        else if (self.hnsw)
            *compared = search_hnsw(*self.hnsw, query, count, reinterpret_cast<idx_t*>(ids), scores);
        else if (self.ivf)
            *compared = search_ivf(*self.ivf, query, count, self.breadth, reinterpret_cast<idx_t*>(ids), scores);
        else
            throw std::invalid_argument("this kind of index cannot be searched here");
    });
}

ACTORS_EXPORT int64_t actors_faiss_bytes(void* handle) {
    const Handle& self = *static_cast<Handle*>(handle);
    int64_t bytes = 0;
    if (self.hnsw) {
        const faiss::HNSW& graph = self.hnsw->hnsw;
        bytes = static_cast<int64_t>(graph.neighbors.capacity() * sizeof(int32_t) + graph.offsets.capacity() * sizeof(size_t) + graph.levels.capacity() * sizeof(int));
        if (auto* flat = dynamic_cast<faiss::IndexFlatCodes*>(self.hnsw->storage))
            bytes += static_cast<int64_t>(flat->codes.capacity());
    } else if (self.ivf) {
        bytes = static_cast<int64_t>(self.ivf->ntotal) * static_cast<int64_t>(self.ivf->code_size + sizeof(idx_t))
            + static_cast<int64_t>(self.ivf->nlist) * self.ivf->d * static_cast<int64_t>(sizeof(float));
    }
    return bytes;
}
