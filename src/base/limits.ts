/**
 * Every limit of the engine, with its unit in the name and its reason beside it.
 *
 * Archives are hostile and callers err: nothing below is ever sized by a number that was only
 * claimed. What a user may want to widen is an option where it is used, and starts from here.
 */

/** Longest name of one directory entry, in bytes: NAME_MAX of Linux. */
export const NAME_MAX_BYTES = 255;

/** Longest path handed to a verb, in bytes including the final NUL of C: PATH_MAX of Linux. */
export const PATH_MAX_BYTES = 4096;

/**
 * Directories whose path is remembered, of all trees together (vfs/prefixes.ts): 256 bytes each, so
 * 1 MiB at the most. A power of two.
 */
export const PREFIXES_MAX_COUNT = 4096;

/**
 * Sorted listings that are kept of one image, in bytes: ample for 50,000 names (vfs/listing.ts).
 */
export const LISTINGS_MAX_BYTES = 4 << 20;

/** Symbolic links followed in one resolution before ELOOP: Linux's own 40. */
export const SYMLINKS_MAX_COUNT = 40;

/**
 * One pax extended header or one GNU long name, in bytes: ample for PATH_MAX and many attributes.
 */
export const PAX_MAX_BYTES = 1 << 20;

/** Entries of one archive: far above any image, low enough that an index can be held in memory. */
export const ENTRIES_MAX_COUNT = 1 << 23;

/**
 * Directories that an archive of `size` bytes may imply without naming them: one entry with a long
 * path implies two thousand, and no real archive comes near.
 */
export function impliedMaxCount(size: number): number {
  return 4096 + Math.floor(size / 128);
}

/** Pieces of one sparse member: GNU tar writes one for each run of data. */
export const SPARSE_PIECES_MAX_COUNT = 1 << 16;

/**
 * Layers of compression around an archive: boot banks have gzip twice, and xz or zstd in gzip.
 */
export const COMPRESSIONS_MAX_COUNT = 3;

/**
 * Blocks of one xz file: encoders make one for some MiB, and each costs some 200 bytes of memory.
 */
export const XZ_BLOCKS_MAX_COUNT = 1 << 17;

/**
 * Deflate cannot expand more than this, so a claim above it is a lie (zlib's technical notes say
 * 1032).
 */
export const DEFLATE_MAX_RATIO = 1032;

/**
 * What any archive may decode to whatever its stored size, in bytes: small ones compress very well.
 */
export const DECODED_FLOOR_BYTES = 64 << 20;

/**
 * What one archive may decode to at the most, in bytes: half of what a Uint8Array can hold in Node
 * 20.
 */
export const DECODED_MAX_BYTES = 2 ** 31;

/**
 * Decoded bytes between two restart points of a gzip, unless said: one takes 3 ms to decode, and
 * costs about 2 KB of index.
 */
export const SPAN_BYTES = 1 << 20;

/**
 * Decoded bytes from one restart point to the next, at the most: what one read may have to decode.
 * A block of deflate can be longer, but no encoder in use makes such.
 */
export const SPAN_MAX_BYTES = 64 << 20;

/** Spans of one seek index: ten times what the largest archive makes of its length. */
export const SPANS_MAX_COUNT = 1 << 16;

/** Decoded spans that an open archive keeps, in bytes, unless said. */
export const SPAN_CACHE_BYTES = 16 << 20;

/** One seek index, in bytes: that of an archive of 2 GiB has 4 to 20 MB. */
export const SEEK_INDEX_MAX_BYTES = 256 << 20;

/** One chunk of a file that is sealed, in bytes: what container tools use. */
export const SEAL_CHUNK_BYTES = 4 << 20;

/** The table of contents of an eStargz, in bytes as decoded: 100,000 entries have 20 to 40 MB. */
export const TOC_MAX_BYTES = 256 << 20;

/**
 * Objects and arrays of such a table, and values between its commas: an empty object is three bytes
 * there and sixty once it is parsed. A million entries have more bytes than a table may have.
 */
export const TOC_OBJECTS_MAX_COUNT = 1 << 20;
export const TOC_VALUES_MAX_COUNT = 1 << 25;

/** Turns over the hard links of one archive that wait for others: a chain is settled in one. */
export const LINK_TURNS_MAX_COUNT = 40;

/** Members of one ar archive: a VIB has a descriptor, a signature and a few payloads. */
export const AR_MEMBERS_MAX_COUNT = 1024;

/** Members of one zip: what it can count without zip64, and ten times what a full depot has. */
export const ZIP_ENTRIES_MAX_COUNT = 1 << 16;

/** The central directory of one zip, in bytes: that of a full depot has 100 KB. */
export const ZIP_DIRECTORY_MAX_BYTES = 32 << 20;

/** Elements of a document in each other: real ones go no deeper than 7. */
export const XML_DEPTH_MAX_COUNT = 16;

/** Elements of one document: what a full depot says of its VIBs has 40,000. */
export const XML_ELEMENTS_MAX_COUNT = 1 << 18;

/** Longest descriptor.xml that is parsed, in bytes: real ones have 1 to 40 KB. */
export const DESCRIPTOR_MAX_BYTES = 4 << 20;

/** Longest vmware.xml, in bytes: a VIB takes 2 KB of it, a full depot has some hundreds. */
export const METADATA_RESPONSE_MAX_BYTES = 32 << 20;

/** Archives of metadata of one depot: one for each version of ESXi and vendor. */
export const DEPOT_METADATA_MAX_COUNT = 256;

/** Files of metadata of one depot: three or four times what is published of all versions. */
export const DEPOT_FILES_MAX_COUNT = 1 << 16;

/** What the metadata of one depot decodes to, in bytes: full depots have some MB. */
export const DEPOT_METADATA_MAX_BYTES = 256 << 20;

/** One file that is fetched, in bytes, unless said: half as much again as the largest bundles. */
export const FETCHED_MAX_BYTES = 2 ** 30;

/** A state.tgz by address, in bytes: more than all ramdisks that could hold it. */
export const STATE_FETCHED_MAX_BYTES = 256 << 20;

/** Redirections followed for one file. */
export const REDIRECTS_MAX_COUNT = 5;

/** How long a server may say nothing, in milliseconds, unless said. */
export const FETCH_TIMEOUT_MS = 30_000;

/**
 * What has to come within that time once an answer has begun, in bytes: a line of 1991 brings more.
 */
export const FETCH_SLOW_BYTES = 4096;

/**
 * How often a connection may break while a bank is booted, and the first pause after it, which
 * doubles up to the longest, in milliseconds: half a minute in all, in which a server restarts.
 */
export const FETCH_RETRIES_MAX_COUNT = 8;
export const FETCH_PAUSE_MS = 250;
export const FETCH_PAUSE_MAX_MS = 8000;

/** A connection that brought so many new bytes before it broke counts as none lost. */
export const FETCH_EARNED_BYTES = 1 << 20;

/** Modules of one bank over the network, and files of it at once: real ones have some 200. */
export const BANK_MODULES_MAX_COUNT = 4096;
export const DOWNLOADS_MAX_COUNT = 4;

/** All files of one bank over the network, in bytes: what the largest bank of ESXi 7 has. */
export const BANK_MAX_BYTES = 4 * 2 ** 30;

/** The answer to a stateless boot, in bytes and in files: twice what the ramdisk of /etc holds. */
export const ANSWER_MAX_BYTES = 56 << 20;
export const ANSWER_FILES_MAX_COUNT = 1 << 14;

/** Longest host profile, in bytes: one has a few keys and files. */
export const PROFILE_MAX_BYTES = 4 << 20;

/** What a bank is served in: bytes that are read and summed up at once. */
export const SERVED_PIECE_BYTES = 256 << 10;

/** The signature of a VIB, in bytes: real ones have 5 to 10 KB, chain of certificates included. */
export const SIGNATURE_MAX_BYTES = 1 << 20;

/** Certificates, and signers, of one signature: real ones have two to four. */
export const CERTIFICATES_MAX_COUNT = 32;

/** Entries of one GPT, and bytes of each: all tools make 128 of 128. */
export const GPT_ENTRIES_MAX_COUNT = 1024;
export const GPT_ENTRY_MAX_BYTES = 4096;

/** One file allocation table, in bytes: 4 GiB in clusters of 4 KiB have 4 MiB, and banks less. */
export const FAT_TABLE_MAX_BYTES = 16 << 20;

/** Directories of one FAT file system: banks have none, boot partitions a few. */
export const FAT_DIRECTORIES_MAX_COUNT = 4096;

/** One directory of a FAT file system, in bytes: what its own rules allow. */
export const FAT_DIRECTORY_MAX_BYTES = 2 << 20;

/** Longest boot.cfg, in bytes: real ones have 1 to 4 KB. */
export const BOOT_CFG_MAX_BYTES = 1 << 20;

/** Longest list of the sums of a bank's modules, in bytes: 500 modules have 40 KB. */
export const DIGEST_LIST_MAX_BYTES = 1 << 20;

/**
 * Findings of one rule that are told of one archive: nobody reads more, and the others are counted.
 */
export const FINDINGS_MAX_COUNT = 50;

/**
 * Entries of one archive that lint looks at: it keeps their names. Real images have 50,000.
 */
export const LINT_ENTRIES_MAX_COUNT = 1 << 20;

/** The ramdisk that an update is staged in, in bytes: some 300 MB on ESXi. */
export const STAGE_RAMDISK_BYTES = 300 << 20;

/** The ramdisk that the state is restored into, in bytes: ESXi's etc. */
export const ETC_RAMDISK_BYTES = 28 << 20;

/**
 * Rounds of PBKDF2 that an encrypted state may ask for: at most some seconds of work, at least what
 * NIST SP 800-132 wants.
 */
export const STATE_ROUNDS_MIN_COUNT = 1000;
export const STATE_ROUNDS_MAX_COUNT = 10_000_000;

/** Open files of one VisorFs before EMFILE: Linux's usual hard limit. */
export const OPEN_FILES_MAX_COUNT = 1 << 20;

/** Labels of one VisorFs and its forks: each is kept for as long as they are. */
export const LABELS_MAX_COUNT = 4096;

/**
 * Size of one file, in bytes: 2^53 - 1 is where JavaScript stops counting, 8 TiB where a page map
 * stays sane.
 */
export const FILE_MAX_BYTES = 2 ** 43;

/** What is read whole into one array, in bytes: node:fs has the same limit of 2 GiB. */
export const WHOLE_FILE_MAX_BYTES = 2 ** 31 - 1;

/** Hard links to one file before EMLINK: ext4's limit. */
export const LINKS_MAX_COUNT = 65000;

/** Highest row of an inode in a snapshot of bytes: a list of chunks of some MiB leads there. */
export const SNAPSHOT_ROWS_MAX_COUNT = 1 << 24;

/** A page: what ramdisks are charged by, in bytes. */
export const PAGE_BYTES = 4096;

/**
 * The ramdisk that is there unless told otherwise: ESXi's own 32 MiB, and inodes as it gives them.
 */
export const ROOT_RAMDISK_BYTES = 32 << 20;
export const ROOT_RAMDISK_INODES = 8192;

/**
 * What one directory entry is charged beside its name, in bytes: about what its row and slot take.
 */
export const ENTRY_BYTES = 32;

/**
 * What `stored` bytes may decode to, in bytes, through all layers of compression together: a bomb
 * of 10 kB stops at 64 MiB, a real image is never near.
 */
export function decodedLimitBytes(stored: number): number {
  return Math.min(DECODED_MAX_BYTES, Math.max(DECODED_FLOOR_BYTES, stored * DEFLATE_MAX_RATIO));
}

/** Looks of an auto-backup that are remembered: two days of one an hour. */
export const AUTO_BACKUP_RECORDS = 48;

/** The file that counts backups, in bytes: it has three lines. */
export const BACKUP_COUNTER_MAX_BYTES = 4096;
