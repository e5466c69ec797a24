// SPDX-License-Identifier: GPL-2.0-only

/**
 * The library's whole public surface: pure functions from text to events, results and golden text. Reading and writing
 * files is the caller's. Input that is wrong comes back as problems with their place ({@link Parsed}); an exception
 * other than {@link TraceFault} is a defect of the library.
 *
 *     decodeCsv(text, OPERATIONS)                          -> header and events
 *     authorTrace(header, [event(name, fields), …])        -> the same, written in TypeScript
 *     parseMachine(text)                                   -> machine
 *     replayTrace({ machine, behaviours }, events)         -> result lines, the final state last
 *     renderBody(lines, events, OPERATIONS)                -> canonical text, to be compared by differences()
 *
 * Questions take a {@link Subject}: machine, events, and how facts are written,
 * `render: (lines, events) => renderBody(lines, events, OPERATIONS)`. {@link compareStates} and {@link bisect} say where
 * releases part and why, {@link conform} where a record differs, {@link whyEvent}, {@link whyFrame} and
 * {@link whyDevice} what is behind an answer; {@link shrink} makes a trace as small as can be.
 */

// Traces written in TypeScript.
export { type AuthoredEvent, type EventFields, type EventRemarks, event, type OperationName } from './author/event.ts';
export { type AuthoredHeader, authorTrace } from './author/trace.ts';
// Golden text and what two of them disagree about.
export { type Difference, differences, formatDifference, kindOf, unifiedDiff } from './golden/diff.ts';
export {
  formatGolden,
  GOLDEN_MAGIC,
  type GoldenHeader,
  type GoldenText,
  renderBody,
  type SplitGolden,
  splitGolden,
} from './golden/text.ts';
// Dumps and recordings of real machines.
export { type ConsoleFact, importConsole } from './import/console.ts';
export { type DeviceTreeImport, importDeviceTree } from './import/device-tree.ts';
export {
  importKprobes,
  type KernelConfigAccess,
  type KernelNotification,
  type KernelTrace,
} from './import/kprobes.ts';
export { importLspci, type LspciImport } from './import/lspci.ts';
export { assembleRecording, type Recording, type RecordingCounts } from './import/recording.ts';
export { type Content, type ReadSource, recognise, type SourceFile } from './import/sources.ts';
// Machines in their files.
export { formatDescription, readDescription } from './machine/description.ts';
export type { AccessLog } from './machine/hardware.ts';
export { machineJsonSchema } from './machine/json-schema.ts';
export type { LoadedMachine } from './machine/load.ts';
export type { Arch, EcamWindow, PlainDevice, PlainMachine } from './machine/plain.ts';
export { formatMachine } from './machine/write.ts';
// Numbers.
export { ERRNO, type ErrnoName, formatErrno, parseErrno } from './num/errno.ts';
export type { Gfn, Mfn } from './num/frames.ts';
export { formatSbdf, makeSbdf, parseSbdf, type Sbdf } from './num/sbdf.ts';
// Operations and their replay.
export { OPERATIONS } from './ops/index.ts';
export type { Operation } from './ops/operation.ts';
// Questions about a trace.
export { anything, bisect, type Concerns, containing, ofEvent, type Transition } from './replay/bisect.ts';
export { type Comparison, compareAll, compareStates, type MatrixCell, type PartingPoint } from './replay/compare.ts';
export type { Cause } from './replay/compare-causes.ts';
export type { FactDifference, Subject } from './replay/compare-outcome.ts';
export { type Step, stateNamed } from './replay/compare-steps.ts';
export { type Conformance, conform, type Finding, type Replayer } from './replay/conform.ts';
export { compareWithRecord, type Divergence, type RecordComparison } from './replay/recorded.ts';
export { type ReplaySetup, replayTrace } from './replay/replay.ts';
export { type ShrinkSetup, type Shrunk, type Specimen, shrink } from './replay/shrink.ts';
export {
  type Kept,
  type KeptAnswer,
  keepAnswers,
  keepRecorded,
  keepRule,
  keepUndefined,
} from './replay/shrink-kept.ts';
export { keepParting, type PartingQuestion } from './replay/shrink-parting.ts';
export { type Decision, type EventReasons, type NotReached, whyEvent } from './replay/why.ts';
export { type DeviceQuestion, type DeviceReasons, whyDevice } from './replay/why-device.ts';
export { type FrameQuestion, type FrameReasons, type NoDomain, whyFrame } from './replay/why-frame.ts';
// Releases, guests and proposals, and the rules behind decisions.
export type { ArmBehaviours } from './semantics/arm.ts';
export type { BehaviourName, Behaviours } from './semantics/behaviours.ts';
export type { GrantBehaviours } from './semantics/grant-behaviours.ts';
export { applyChanges } from './semantics/history.ts';
export { PROPOSALS, type Proposal } from './semantics/proposals.ts';
export { type Change, RELEASES, type Release } from './semantics/releases.ts';
export type { Rule } from './semantics/rule.ts';
export { RULES, type RuleId } from './semantics/rules.ts';
export {
  findState,
  LINUX_STATES,
  PROPOSAL_STATES,
  type SystemBehaviours,
  type SystemState,
  XEN_STATES,
} from './semantics/states.ts';
// A machine as a replay takes it, and results.
export { loadMachine as parseMachine, modelMachineCompiler } from './state/load-machine.ts';
export type { ModelBehaviours, ModelMachine } from './state/model-world.ts';
export type {
  BarJson,
  DeviceJson,
  DomainJson,
  MsiJson,
  MsixEntryJson,
  MsixJson,
  P2mRangeJson,
  ResultLine,
  StateJson,
  VpciJson,
} from './state/result.ts';
// Traces.
export { CsvDecoder, decodeCsv } from './trace/csv.ts';
export type { Chunk, DecodedTrace, TraceDecoder } from './trace/decoder.ts';
export type { ArgsOf, Field, FieldSet } from './trace/field.ts';
export { decodeJsonLines, JsonLinesDecoder } from './trace/json-lines.ts';
export type { Declaration, Envelope, Registry, TraceEvent, TraceHeader } from './trace/operation.ts';
export type { Parsed, Problem } from './trace/problem.ts';
export { decodeProtobuf, ProtobufDecoder, type ProtobufOptions } from './trace/protobuf/decoder.ts';
export { protoFile } from './trace/protobuf/proto-file.ts';
export { protobufSchema, type Schema } from './trace/protobuf/schema.ts';
export { formatProtobuf, ProtobufWriter } from './trace/protobuf/write.ts';
export { CsvRowWriter, csvHead, formatCsv, usedColumns } from './trace/write-csv.ts';
export { formatJsonLines, JsonLinesWriter, jsonLinesHead } from './trace/write-json-lines.ts';
export { TraceFault } from './xen/domains.ts';
export type { RuleSubject, Trail } from './xen/state.ts';
