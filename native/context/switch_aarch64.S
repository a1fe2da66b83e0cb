#include "backend.h"

#if VERDANT_SWITCH_AARCH64

#if defined(__APPLE__)
#define SWITCH_STACK _verdant_switch_stack
#define START_FLOW _verdant_start_flow
#define HIDDEN .private_extern
#else
#define SWITCH_STACK verdant_switch_stack
#define START_FLOW verdant_start_flow
#define HIDDEN .hidden
#endif

    .text

// void verdant_switch_stack(void** from, void* to)
// The frame below is mirrored by InitialFrame in context_asm.cc. Its shape is the same on both stacks, so the
// unwind information stays true across the change of sp. Of v8-v15 the ABI keeps only the low halves.
    .globl SWITCH_STACK
    HIDDEN SWITCH_STACK
#if !defined(__APPLE__)
    .type SWITCH_STACK, %function
#endif
    .p2align 4
SWITCH_STACK:
    .cfi_startproc
    sub sp, sp, #160
    .cfi_def_cfa_offset 160
    stp x19, x20, [sp, #0]
    .cfi_rel_offset x19, 0
    .cfi_rel_offset x20, 8
    stp x21, x22, [sp, #16]
    .cfi_rel_offset x21, 16
    .cfi_rel_offset x22, 24
    stp x23, x24, [sp, #32]
    .cfi_rel_offset x23, 32
    .cfi_rel_offset x24, 40
    stp x25, x26, [sp, #48]
    .cfi_rel_offset x25, 48
    .cfi_rel_offset x26, 56
    stp x27, x28, [sp, #64]
    .cfi_rel_offset x27, 64
    .cfi_rel_offset x28, 72
    stp x29, x30, [sp, #80]
    .cfi_rel_offset x29, 80
    .cfi_rel_offset x30, 88
    stp d8, d9, [sp, #96]
    .cfi_rel_offset d8, 96
    .cfi_rel_offset d9, 104
    stp d10, d11, [sp, #112]
    .cfi_rel_offset d10, 112
    .cfi_rel_offset d11, 120
    stp d12, d13, [sp, #128]
    .cfi_rel_offset d12, 128
    .cfi_rel_offset d13, 136
    stp d14, d15, [sp, #144]
    .cfi_rel_offset d14, 144
    .cfi_rel_offset d15, 152

    mov x9, sp
    str x9, [x0]
    mov sp, x1

    ldp d14, d15, [sp, #144]
    ldp d12, d13, [sp, #128]
    ldp d10, d11, [sp, #112]
    ldp d8, d9, [sp, #96]
    ldp x29, x30, [sp, #80]
    ldp x27, x28, [sp, #64]
    ldp x25, x26, [sp, #48]
    ldp x23, x24, [sp, #32]
    ldp x21, x22, [sp, #16]
    ldp x19, x20, [sp, #0]
    add sp, sp, #160
    .cfi_def_cfa_offset 0
    .cfi_restore x19
    .cfi_restore x20
    .cfi_restore x21
    .cfi_restore x22
    .cfi_restore x23
    .cfi_restore x24
    .cfi_restore x25
    .cfi_restore x26
    .cfi_restore x27
    .cfi_restore x28
    .cfi_restore x29
    .cfi_restore x30
    .cfi_restore d8
    .cfi_restore d9
    .cfi_restore d10
    .cfi_restore d11
    .cfi_restore d12
    .cfi_restore d13
    .cfi_restore d14
    .cfi_restore d15
    ret
    .cfi_endproc
#if !defined(__APPLE__)
    .size SWITCH_STACK, .-SWITCH_STACK
#endif

// A new flow begins here: x19 is the argument, x20 the function, x29 zero. Without a return address in the unwind
// information debuggers and C++ exceptions stop here instead of walking off the top of the stack.
    .globl START_FLOW
    HIDDEN START_FLOW
#if !defined(__APPLE__)
    .type START_FLOW, %function
#endif
    .p2align 4
START_FLOW:
    .cfi_startproc
    .cfi_undefined x30
    mov x0, x19
    blr x20
    brk #1
    .cfi_endproc
#if !defined(__APPLE__)
    .size START_FLOW, .-START_FLOW
#endif

#endif  // VERDANT_SWITCH_AARCH64

#if defined(__ELF__)
    .section .note.GNU-stack, "", %progbits
#endif
