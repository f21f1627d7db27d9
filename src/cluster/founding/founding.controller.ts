import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiProblems, ApiRequestId, apiRequest, jsonAnswer, requestIdHeader, sendAnswer } from '../../http/index.js';
import { Bootstrap } from './bootstrap.js';
import { peerReportSchema } from './peer-report.js';

const noParameters: readonly string[] = [];

/** What nodes that start together ask each other. */
@ApiTags('cluster')
@ApiRequestId()
@Controller('cluster')
export class FoundingController {
  constructor(private readonly bootstrap: Bootstrap) {}

  @ApiOperation({
    summary: 'Show what this node tells those that found a cluster with it',
    description: 'Empty nodes that were started with `--bootstrap-expect` ask each other. Works without a leader.',
  })
  @ApiResponse({
    status: 200,
    description: 'Who it is, and what it sees.',
    headers: requestIdHeader,
    standardSchema: peerReportSchema,
  })
  @ApiProblems(['STARTING'])
  @Get('founding')
  showFounding(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    apiRequest(request, noParameters);
    sendAnswer(reply, jsonAnswer(this.bootstrap.report()));
  }
}
